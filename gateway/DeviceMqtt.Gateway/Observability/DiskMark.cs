namespace DeviceMqtt.Gateway.Observability;

/// <summary>Where a rate is measured from.</summary>
/// <param name="Ms">When, in milliseconds of a clock that never jumps.</param>
/// <param name="Bytes">Written until then.</param>
/// <param name="Syncs">Done until then.</param>
internal sealed record DiskMark(long Ms, long Bytes, long Syncs);
