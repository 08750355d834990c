namespace DeviceMqtt.EndToEnd.Tests.Hostile;

/// <summary>One way to bring a gateway down.</summary>
/// <param name="Name">As the table of gateway/docs/limits.md has it.</param>
/// <param name="Run">Does it, and goes on until it is told to stop where it has to be kept up. What it holds stays.</param>
internal sealed record Attack(string Name, Func<Mallory, Task> Run)
{
    /// <summary>The shell's limit of open files for the gateway; null for what there is.</summary>
    public int? OpenFiles { get; init; }

    /// <summary>How many users attack, each with a password of its own (<see cref="Mallory.UserOf"/>); 1 is <see cref="Mallory.User"/> alone.</summary>
    public int Users { get; init; } = 1;

    /// <summary>The gateway's disk takes a third of a second for each sync meanwhile.</summary>
    public bool IsDiskSlow { get; init; }

    public override string ToString() => Name;
}
