namespace DeviceMqtt.Broker.Words;

/// <summary>A part of <see cref="MemoryPlan"/>. A class, as <see cref="LimitBound"/>.</summary>
/// <param name="Name">Of the setting that bounds it.</param>
/// <param name="Bytes">The most that it has.</param>
internal sealed record MemoryPart(string Name, long Bytes);
