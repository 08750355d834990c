namespace DeviceMqtt.Gateway.Doctor;

/// <summary>What the doctor found.</summary>
/// <param name="MadeMs">When, in monotonic milliseconds.</param>
/// <param name="Notes">The worst first.</param>
internal sealed record Finding(long MadeMs, IReadOnlyList<Note> Notes);
