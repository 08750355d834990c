using DeviceMqtt.Gateway.Doctor;
using DeviceMqtt.Gateway.Shapes;

namespace DeviceMqtt.Gateway.Live;

/// <summary>What one look at all devices has found.</summary>
/// <param name="States">Devices that are in another state, or new.</param>
/// <param name="Facets">How many there are of each state.</param>
/// <param name="Notes">What is wrong.</param>
/// <param name="HasGone">One is not there any more.</param>
internal sealed record ChangesFound(IReadOnlyList<DeviceShapes.Row> States, DeviceShapes.Facets Facets, IReadOnlyList<Note> Notes, bool HasGone);
