using System.Runtime.InteropServices;

namespace DeviceMqtt.Gateway.Composition;

/// <summary>The heap after a collection.</summary>
/// <param name="FullIndex">The number of the last collection of everything that is over.</param>
/// <param name="UsedBytes">Bytes of objects after the last collection of any kind: those of the oldest generation also where nothing needs them.</param>
/// <param name="HoleBytes">Bytes of the holes between them.</param>
/// <param name="CommittedBytes">Bytes that the runtime had for it then.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct HeapSize(long FullIndex, long UsedBytes, long HoleBytes, long CommittedBytes)
{
    /// <summary>Bytes that it has and does not use.</summary>
    public long SpareBytes => CommittedBytes - UsedBytes - HoleBytes;
}
