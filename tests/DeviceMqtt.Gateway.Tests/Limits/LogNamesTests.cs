using System.Reflection;
using System.Text.RegularExpressions;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Custody;
using DeviceMqtt.Gateway.Observability;
using DeviceMqtt.HomeAssistant;
using DeviceMqtt.Relay;
using Microsoft.Extensions.Logging;

namespace DeviceMqtt.Gateway.Tests.Limits;

/// <summary>All lines that the gateway can say, read from its assemblies: whom a line concerns is named in full, and in a field.</summary>
[TestClass]
public sealed partial class LogNamesTests
{
    private static readonly Assembly[] Ours = [typeof(ConnectionEvents).Assembly, typeof(BrokerUpstream).Assembly, typeof(DurableBroker).Assembly, typeof(HomeAssistantBridge).Assembly];

    // These are of the gateway's own links and files: no client of the gateway is meant.
    private static readonly string[] OwnClientIds = ["Connecting", "Connected", "DeviceWillNotHeld", "DeviceUnreachable", "Namesake"];

    private static IEnumerable<MethodInfo> Lines => Ours.SelectMany(static assembly => assembly.GetTypes())
        .SelectMany(static type => type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
        .Where(static method => method.GetCustomAttribute<LoggerMessageAttribute>() is not null);

    [TestMethod]
    public void Lines_AreFound() => Assert.IsGreaterThan(60, Lines.Count());

    // Whoever names a client by its identifier alone, or by a text of its own, leaves out the user and the address.
    [TestMethod]
    public void Line_AboutAClient_NamesItsUserAndAddress()
    {
        string[] wrong =
        [
            .. Lines.Where(static line => !OwnClientIds.Contains(line.Name) && line.GetParameters().Any(static p => p.Name is "clientId" or "name"))
                .Where(static line => line.Name != nameof(ConnectionLog.ClientConnected)) // Debug; the line of who is let in follows
                .Where(static line => !line.GetParameters().Any(static p => p.ParameterType == typeof(ClientName) || p.ParameterType == typeof(LoggedOrigin)))
                .Select(static line => line.Name),
        ];
        Assert.IsEmpty(wrong, string.Join('\n', wrong));
    }

    // A value of somebody else that a person looks for is in a field; numbers, words and reasons of ours are in the text alone.
    [TestMethod]
    public void Value_ThatNamesSomebody_IsAField()
    {
        string[] names = ["clientid", "user", "address", "remote", "upstream", "topic", "device", "connection", "filter", "role"];
        string[] wrong =
        [
            .. Lines.SelectMany(static line => Placeholder().Matches(line.GetCustomAttribute<LoggerMessageAttribute>()!.Message).Select(match => (line.Name, Placeholder: match.Groups["name"].Value)))
                .Where(pair => names.Contains(pair.Placeholder.ToLowerInvariant()) && LogFields.NameOf(pair.Placeholder) is null)
                .Select(static pair => $"{pair.Name}: {{{pair.Placeholder}}}"),
        ];
        Assert.IsEmpty(wrong, string.Join('\n', wrong));
    }

    // journald takes capital letters, digits and '_', which is not the first, and 64 characters at most; these names have a meaning there.
    [TestMethod]
    public void Field_NameIsOneThatJournaldTakes()
    {
        string[] taken = ["MESSAGE", "MESSAGE_ID", "PRIORITY", "CODE_FILE", "CODE_LINE", "CODE_FUNC", "ERRNO", "INVOCATION_ID", "SYSLOG_FACILITY", "SYSLOG_IDENTIFIER", "SYSLOG_PID", "DOCUMENTATION", "TID", "UNIT", "USER_UNIT"];
        string[] fields = [.. typeof(LogFields).GetFields(BindingFlags.Static | BindingFlags.Public).Where(static field => field.FieldType == typeof(string)).Select(static field => (string)field.GetValue(null)!)];
        Assert.IsGreaterThan(8, fields.Length);
        foreach (string field in fields)
        {
            Assert.MatchesRegex(FieldName(), field);
            Assert.DoesNotContain(field, taken);
        }
    }

    [GeneratedRegex(@"\{(?<name>\w+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Placeholder();

    [GeneratedRegex("^[A-Z][A-Z0-9_]{0,63}$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex FieldName();
}
