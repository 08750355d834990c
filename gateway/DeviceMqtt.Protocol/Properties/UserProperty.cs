namespace DeviceMqtt.Protocol;

/// <summary>A User Property of 5.0: their meaning is the application's; the same name may come more than once, and their order is kept.</summary>
public readonly record struct UserProperty(string Name, string Value);
