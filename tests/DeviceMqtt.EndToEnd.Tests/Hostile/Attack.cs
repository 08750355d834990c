namespace DeviceMqtt.EndToEnd.Tests.Hostile;

/// <summary>One way to bring a gateway down.</summary>
/// <param name="Name">As the table of gateway/docs/limits.md has it.</param>
/// <param name="Run">Does it, and goes on until it is told to stop where it has to be kept up. What it holds stays.</param>
internal sealed record Attack(string Name, Func<Mallory, Task> Run)
{
    /// <summary>The shell's limit of open files for the gateway; null for what there is.</summary>
    public int? OpenFiles { get; init; }

    public override string ToString() => Name;
}
