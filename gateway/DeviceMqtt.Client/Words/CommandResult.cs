namespace DeviceMqtt.Client.Words;

/// <summary>What became of a command.</summary>
/// <param name="Outcome">In a word.</param>
/// <param name="Id">The id that it had.</param>
/// <param name="Code">The number of an error (firmware/docs/wire.md); 0 for none.</param>
/// <param name="Reason">Why not, in words; empty when it was carried out.</param>
/// <param name="ResultJson">What the device said of it: a flat JSON object; empty for nothing.</param>
public sealed record CommandResult(CommandOutcome Outcome, string Id, long Code, string Reason, string ResultJson)
{
    /// <summary>It was carried out.</summary>
    public bool IsOk => Outcome == CommandOutcome.Ok;
}
