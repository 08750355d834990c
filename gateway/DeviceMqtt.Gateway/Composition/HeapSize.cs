using System.Runtime.InteropServices;

namespace DeviceMqtt.Gateway.Composition;

/// <summary>The heap after a collection.</summary>
/// <param name="FullIndex">The number of the last collection of everything that is over.</param>
/// <param name="HeapBytes">Bytes of objects, and of holes between them, after the last collection of any kind.</param>
/// <param name="CommittedBytes">Bytes that the runtime had for it then.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct HeapSize(long FullIndex, long HeapBytes, long CommittedBytes);
