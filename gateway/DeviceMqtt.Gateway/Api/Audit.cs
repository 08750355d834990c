using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Live;
using DeviceMqtt.Gateway.Security;
using DeviceMqtt.Gateway.Web;

namespace DeviceMqtt.Gateway.Api;

/// <summary>What people change over the API stands in <c>audit.log</c>, beside what the command line changes.</summary>
internal static class Audit
{
    /// <param name="source">Has the audit, where something is kept.</param>
    /// <param name="context">Says who it is.</param>
    /// <param name="what">What has changed.</param>
    public static void Changed(this ConsoleSource source, HttpContext context, string what) => source.Audit?.Add(AuditKind.Changed, AuditFile.ChangedBy(what, $"'{SafeText.OfName(Caller.Of(context).Name)}' in the console"));
}
