namespace DeviceMqtt.Firmware.Tests.IlCheck;

/// <summary>What a check found, and how much it looked at: a check that read nothing finds nothing.</summary>
internal sealed class IlReport
{
    private readonly HashSet<IlOffence> _offences = [];

    internal IReadOnlyCollection<IlOffence> Offences => _offences;

    /// <summary>Members of other assemblies that were looked up in the lists.</summary>
    internal HashSet<string> ExternalMembers { get; } = [];

    /// <summary>Types of other assemblies that are named anywhere.</summary>
    internal HashSet<string> ExternalTypes { get; } = [];

    internal int Methods { get; set; }

    internal int Instructions { get; set; }

    /// <summary>How much was looked at, in one line.</summary>
    internal string Extent => $"{Methods} methods, {Instructions} instructions, {ExternalMembers.Count} members of other assemblies";

    internal void Add(IlRule rule, string where, string what) => _offences.Add(new IlOffence(rule, where, what));

    public override string ToString() => string.Join(Environment.NewLine, _offences.Select(o => o.ToString()).Order(StringComparer.Ordinal));
}
