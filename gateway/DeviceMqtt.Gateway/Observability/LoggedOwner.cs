using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Gateway.Observability;

/// <summary>Whom a drop concerns, as the log names it.</summary>
/// <param name="Owner">Its kind and name, ready for a line; null for several.</param>
/// <param name="Client">Who that client is, where that is known.</param>
internal readonly record struct LoggedOwner(DropOwner? Owner, ClientName? Client = null)
{
    /// <summary>Those without a line of their own.</summary>
    public static readonly LoggedOwner Others = new(null);

    public override string ToString() => Owner is not { } owner ? "others"
        : Client is { } client ? client.ToString()
        : $"{owner.Kind.ToString().ToLowerInvariant()} '{owner.Name}'";
}
