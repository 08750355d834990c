using System.Globalization;
using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Gateway.Observability;

/// <summary>
/// The fields of a line: whom and what it concerns. Names are of this file, never of a text: what others send can only be a value.
/// gateway/docs/operating.md lists them.
/// </summary>
internal static class LogFields
{
    /// <summary>Characters of one value that are kept. Chosen: names of ours fit; a Topic Name may have 65,535.</summary>
    public const int ValueCharactersMax = 1_024;

    public const string ClientId = "CLIENT_ID";
    public const string User = "USER";
    public const string Address = "ADDRESS";
    public const string Connection = "CONNECTION";
    public const string Upstream = "UPSTREAM";
    public const string Topic = "TOPIC";
    public const string Filter = "FILTER";
    public const string Reason = "REASON";
    public const string Role = "ROLE";
    public const string Device = "DEVICE";

    /// <summary>The field of a value with this name in the text of a line; null where the value is only in the text.</summary>
    internal static string? NameOf(string placeholder) => placeholder switch
    {
        "ClientId" or "clientId" => ClientId,
        "User" or "user" => User,
        "Address" or "address" or "Remote" or "remote" => Address,
        "Connection" => Connection,
        "Upstream" => Upstream,
        "Topic" or "topic" => Topic,
        "Filter" => Filter,
        "Reason" or "DropReason" => Reason,
        "Role" => Role,
        "device" => Device,
        _ => null,
    };

    /// <summary>Those of a line of source-generated logging; none for any other.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Of(IReadOnlyList<KeyValuePair<string, object?>>? values)
    {
        if (values is null)
            return [];
        List<KeyValuePair<string, string>> fields = [];
        for (int i = 0; i < values.Count; i++)
        {
            (string name, object? value) = values[i];
            switch (value)
            {
                case null: break;
                case ClientName client: Add(fields, client); break;
                case LoggedOrigin origin: Add(fields, origin.Client); break;
                case LoggedOwner { Client: { } client }: Add(fields, client); break;
                case LoggedOwner { Owner: { } owner }: Add(fields, FieldOf(owner.Kind), owner.Name); break;
                default: Add(fields, NameOf(name), value as string ?? (value as IFormattable)?.ToString(null, CultureInfo.InvariantCulture) ?? value.ToString()); break;
            }
        }

        return fields;
    }

    private static void Add(List<KeyValuePair<string, string>> fields, in ClientName client)
    {
        Add(fields, ClientId, client.ClientId);
        Add(fields, User, client.UserName);
        Add(fields, Address, client.Remote?.ToString());
        if (client.Connection != 0)
            Add(fields, Connection, client.Connection.ToString(CultureInfo.InvariantCulture));
    }

    private static string FieldOf(DropOwnerKind kind) => kind switch
    {
        DropOwnerKind.Upstream => Upstream,
        DropOwnerKind.Topic => Topic,
        _ => ClientId,
    };

    private static void Add(List<KeyValuePair<string, string>> fields, string? name, string? value)
    {
        if (name is null || string.IsNullOrEmpty(value))
            return;
        KeyValuePair<string, string> field = new(name, value.Length <= ValueCharactersMax ? value : value[..ValueCharactersMax]);
        if (!fields.Contains(field))
            fields.Add(field);
    }
}
