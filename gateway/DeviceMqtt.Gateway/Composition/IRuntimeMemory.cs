namespace DeviceMqtt.Gateway.Composition;

/// <summary>What is asked of the runtime about its heap, and done there.</summary>
internal interface IRuntimeMemory
{
    /// <summary>Bytes of all objects made so far.</summary>
    long BytesMade { get; }

    /// <summary>As it was after the last collection.</summary>
    HeapSize Size { get; }

    /// <summary>The number of the last collection beside the turns that is over; 0 for none.</summary>
    long BesideIndex { get; }

    /// <summary>It collects beside the turns, and lets the thread for that go when that was not needed for a while.</summary>
    bool IsThreadLetGo { get; }

    /// <summary>Begins a collection of everything beside what goes on.</summary>
    void CollectBeside();

    /// <summary>Collects the youngest, and gives some of what is free back to the kernel.</summary>
    void CollectYoung();

    /// <summary>Collects everything and moves what lives together, while everything stands still.</summary>
    void Move();

    /// <summary>The same, and gives all that is free back.</summary>
    void CollectAll();
}
