using DeviceMqtt.Client.Words;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Client.Reading;

/// <summary>What the gateway answers about the queue of a device.</summary>
internal static class QueueText
{
    /// <summary>Null when it is none.</summary>
    public static WaitingCommands? Read(byte[] payload)
    {
        FlatJsonReader reader = new();
        string clientId = "";
        long count = 0, unanswered = 0, age = -1, expires = -1;
        reader.Start(payload, 0, payload.Length);
        while (reader.Read())
        {
            if (reader.NameIs("to"))
                _ = reader.TryGetString(1024, out clientId);
            else if (reader.NameIs("count"))
                _ = reader.TryGetInt64(out count);
            else if (reader.NameIs("unanswered"))
                _ = reader.TryGetInt64(out unanswered);
            else if (reader.NameIs("age"))
                _ = reader.TryGetInt64(out age);
            else if (reader.NameIs("expires"))
                _ = reader.TryGetInt64(out expires);
        }

        if (reader.IsMalformed || clientId.Length == 0)
            return null;
        return new WaitingCommands(clientId, (int)count, (int)unanswered, age < 0 ? null : TimeSpan.FromSeconds(age), expires < 0 ? null : TimeSpan.FromSeconds(expires));
    }
}
