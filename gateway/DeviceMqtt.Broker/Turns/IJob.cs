namespace DeviceMqtt.Broker.Turns;

/// <summary>Work that may be longer than a slice of a turn. It has a cursor of its own, and goes on over as many turns as it takes.</summary>
internal interface IJob
{
    /// <summary>
    /// It has much written to the disk. A million records are made in less time than they are written: so it rests while the disk is behind
    /// (<see cref="DurableGate.IsBehind"/>), and <see cref="Turn.IsSliceOver"/> says stop when it gets behind.
    /// </summary>
    bool Writes { get; }

    /// <summary>Who pays for the time that it takes; null for the gateway, whose jobs have every other slice.</summary>
    IPayer? Payer => null;

    /// <summary>
    /// Goes on until it is done or <see cref="Turn.IsSliceOver"/> says stop. What has happened between two calls is true: the
    /// job looks at the state as it is now. Inside a turn; must not wait.
    /// </summary>
    /// <returns>True when it is done.</returns>
    bool Run(Turn turn);
}
