using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Custody.Records;

/// <summary>The terms of a Session that outlives its connection.</summary>
/// <param name="ClientId">Whose it is.</param>
/// <param name="ExpirySeconds">How long it outlives the connection; 0 when it ends with it after all.</param>
/// <param name="IsBridge">The client is a gateway below this one.</param>
/// <param name="User">Who had the client let in; no name for a client without a user, and in records of versions before.</param>
internal readonly record struct SessionRecord(string ClientId, uint ExpirySeconds, bool IsBridge, UserIdentity User)
{
    public void Write(RecordWriter record) => record.Start(RecordKind.SessionBegan).Add(ClientId).Add((long)ExpirySeconds).Add(IsBridge).AddUser(User);

    public static SessionRecord Read(ref RecordReader record) => new(record.ReadText(), (uint)record.ReadNumber(), record.ReadBool(), record.ReadUserIdentity());
}
