namespace DeviceMqtt.HomeAssistant;

/// <summary>What Home Assistant is told of one device.</summary>
/// <param name="Json">The document.</param>
/// <param name="Controls">What it may ask of the device.</param>
/// <param name="StateEvents">Events that show the state of a control: their last one is kept.</param>
/// <param name="Components">The entities, each with its platform.</param>
internal sealed record Announcement(byte[] Json, IReadOnlyList<Control> Controls, IReadOnlySet<string> StateEvents, IReadOnlyDictionary<string, string> Components);
