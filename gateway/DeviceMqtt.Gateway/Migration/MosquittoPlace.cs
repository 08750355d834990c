namespace DeviceMqtt.Gateway.Migration;

/// <summary>Where something is said in a <c>mosquitto.conf</c>.</summary>
/// <param name="File">A file of <c>include_dir</c>; null for the one that was named.</param>
/// <param name="Line">From 1; 0 for nowhere.</param>
internal readonly record struct MosquittoPlace(string? File, int Line);
