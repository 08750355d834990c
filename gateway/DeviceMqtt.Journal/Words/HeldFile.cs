namespace DeviceMqtt.Journal;

/// <summary>One file of a journal that is held (JournalHold).</summary>
/// <param name="Name">In the journal's folder.</param>
/// <param name="Bytes">So many are to be copied; what stands behind them came later, or is left of a former use.</param>
/// <param name="Length">Bytes of the whole copy: behind <paramref name="Bytes"/> there are zeros.</param>
public sealed record HeldFile(string Name, long Bytes, long Length);
