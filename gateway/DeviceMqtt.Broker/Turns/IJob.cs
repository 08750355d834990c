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

    /// <summary>What it is, for the log: the end of a sentence. No word of a client's.</summary>
    string Name { get; }

    /// <summary>
    /// A step of it has thrown: a fault of the gateway itself. The job gives back what it holds, ends whose it is, or passes over what it failed at: the next step must not fail at the same thing again.
    /// What the step had in its hands and is in custody stays there, and comes with the next start. In the same turn, behind <see cref="Run"/>.
    /// </summary>
    /// <param name="fault">What it threw.</param>
    /// <param name="turn">The turn at hand.</param>
    AfterFault Failed(Exception fault, Turn turn);
}
