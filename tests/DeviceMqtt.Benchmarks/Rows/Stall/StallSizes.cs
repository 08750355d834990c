namespace DeviceMqtt.Benchmarks.Rows.Stall;

/// <summary>How much the heavy client of each case does.</summary>
internal sealed record StallSizes
{
    /// <summary>Everything below but <see cref="Filters"/> and the seconds is taken so many times.</summary>
    public int Times { get; init; } = 1;

    public int Retained { get; init; } = 5000;

    /// <summary>In one SUBSCRIBE, whose packet must stay below the gateway's limit of 1 MiB.</summary>
    public int Filters { get; init; } = 60_000;

    public int Backlog { get; init; } = 1_000_000;

    public int Wills { get; init; } = 9900;

    /// <summary>The gateway's default limit.</summary>
    public int Sessions { get; init; } = 20_000;

    public int Logins { get; init; } = 2000;

    /// <summary>The gateway's default limit of the journal.</summary>
    public int JournalMb { get; init; } = 256;

    /// <summary>One message in so many stays, in the rows in which the journal's live data is spread thin.</summary>
    public int StaysOneIn { get; init; } = 5;

    /// <summary>Seconds that are watched after a burst.</summary>
    public double RestSeconds { get; init; } = 20;

    /// <summary>So long at most a case is watched; one that takes longer is reported as far as it was seen.</summary>
    public double SecondsMax { get; init; } = 120;

    /// <summary>For a run that only shows that everything works.</summary>
    public StallSizes Smoke() => this with
    {
        Times = 1,
        Retained = 100,
        Filters = 100,
        Backlog = 1000,
        Wills = 100,
        Sessions = 100,
        Logins = 20,
        JournalMb = 48,
        RestSeconds = 1,
        SecondsMax = Math.Min(20, SecondsMax),
    };

    /// <summary>With <see cref="Times"/> multiplied out.</summary>
    public StallSizes Whole() => this with
    {
        Times = 1,
        Retained = Retained * Times,
        Backlog = Backlog * Times,
        Wills = Wills * Times,
        Sessions = Sessions * Times,
        Logins = Logins * Times,
        JournalMb = JournalMb * Times,
    };
}
