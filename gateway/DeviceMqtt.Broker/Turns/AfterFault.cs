namespace DeviceMqtt.Broker.Turns;

/// <summary>What becomes of a job after a fault of the gateway in one of its steps.</summary>
internal enum AfterFault
{
    /// <summary>It was somebody's, who has ended with it, or knows, and says what went wrong: a connection, an upstream, who asked over HTTP. The job is over.</summary>
    OwnerEnded,

    /// <summary>It has passed over what it failed at, which is gone for good: it goes on with the rest.</summary>
    GoesOn,

    /// <summary>It is the gateway's own: it goes on behind a pause, which is longer each time.</summary>
    Later,
}
