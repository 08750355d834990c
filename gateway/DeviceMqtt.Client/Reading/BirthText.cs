using DeviceMqtt.Client.Words;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Client.Reading;

/// <summary>A birth message as a <see cref="Device"/>.</summary>
internal static class BirthText
{
    /// <summary>Null when it is no birth, or says that it is of another device than its topic: commands for that one would go to whoever it names.</summary>
    public static Device? Read(string name, byte[] payload)
    {
        BirthReader reader = new();
        if (!reader.TryRead(payload, 0, payload.Length) || !DeviceTopic.IsOf(reader.ClientId, name))
            return null;
        return new Device
        {
            ClientId = reader.ClientId,
            Name = name,
            Firmware = reader.Firmware,
            Board = reader.Board,
            ResetCause = reader.ResetCause,
            Commands = [.. Enumerable.Range(0, reader.CommandCount).Select(reader.CommandAt)],
            Streams = [.. Enumerable.Range(0, reader.StreamCount).Select(i => reader.StreamAt(i).Name)],
            FailedSensors = [.. Enumerable.Range(0, reader.FailedCount).Select(reader.FailedAt)],
        };
    }
}
