using System.Reflection;
using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Security;
using DeviceMqtt.Gateway.Settings;
using DeviceMqtt.Gateway.Tls;
using DeviceMqtt.Gateway.Web;
using DeviceMqtt.Relay.Settings;
using Microsoft.Extensions.Logging.Abstractions;

namespace DeviceMqtt.Gateway.Composition;

// Its settings: what is checked before anything is made, and what changes while it runs.
internal sealed partial class GatewayHost
{
    /// <summary>Checks the settings, and makes their bounds fit the machine and the journal.</summary>
    /// <param name="options">Bounds that promise too much are lowered.</param>
    /// <param name="listen">Where they have it listen.</param>
    /// <param name="upstreams">Those that they name.</param>
    /// <returns>What was lowered, in sentences.</returns>
    /// <exception cref="SettingException">A setting cannot be used, or what was chosen does not fit.</exception>
    internal static List<string> Fit(GatewayOptions options, out ListenSettings listen, out List<RelayOptions> upstreams)
    {
        listen = Checked(options);
        upstreams = UpstreamSettings.Read(options);
        string?[] lowered = [MemoryFit.Fit(options.Limits, Watched(options, listen), options.Trace), options.KeepsData ? JournalShares.Fit(options.Limits, upstreams.Count) : null];
        return [.. lowered.OfType<string>()];
    }

    /// <summary>Other users, roles and rights count from now on: clients that lost their right are disconnected. Checked before.</summary>
    public void Use(SecurityOptions security)
    {
        _directory.Use(security);
        _origins.Use(security);
        _broker.ReviewAccess();
    }

    /// <summary>What the gateway would say of the bounds in its settings at start, in lines.</summary>
    /// <param name="options">Checked before. Bounds that promise too much are lowered.</param>
    /// <exception cref="SettingException">A setting cannot be used.</exception>
    public static IReadOnlyList<string> Promises(GatewayOptions options)
    {
        List<string> lowered = Fit(options, out ListenSettings listen, out _);
        return [.. lowered, MemoryFit.Sum(options.Limits, Watched(options, listen), options.Trace)];
    }

    /// <summary>Why the gateway could not begin TLS with the files that the settings name, or those of <c>cert init</c>; null when it could, or has none.</summary>
    /// <param name="options">Checked before, with the data folder.</param>
    public static string? WrongTls(GatewayOptions options)
    {
        if (!ListenSettings.Parse(options).HasTls)
            return null;
        try
        {
            _ = new TlsFiles(options.Tls, options.KeepsData ? options.Data : null, NullLogger.Instance);
            return null;
        }
        catch (SettingException exception)
        {
            return exception.Message;
        }
    }

    // Null where nothing is noted for a console.
    private static ConsoleOptions? Watched(GatewayOptions options, ListenSettings listen) => options.Console.Enabled && listen.Http.Count > 0 ? options.Console : null;

    /// <summary>Other settings count from now on, those that can (<see cref="LiveSettings"/>).</summary>
    /// <param name="inForce">Those of the start; what is taken over is changed there.</param>
    /// <param name="next">Checked, and made to fit.</param>
    /// <exception cref="SettingException">A file that they name cannot be used; nothing has changed.</exception>
    public void Use(GatewayOptions inForce, GatewayOptions next)
    {
        TlsOptions tls = inForce.Tls.With(next.Tls);
        Action? useTls = _tls?.Watch.Prepare(tls);
        using (Turn.Scope scope = Broker.Turn.Enter())
        {
            foreach (string name in LiveSettings.LimitNames)
                Copy(typeof(GatewayLimits).GetProperty(name)!, inForce.Limits, next.Limits);
            Broker.Owners.UseLimits();
            _events.Use(next.Log);
            _traces.Use(inForce.Trace.BytesMax = next.Trace.BytesMax);
            UseRules(inForce, next);
        }

        next.Security.TrustedProxies = inForce.Security.TrustedProxies; // the listeners have those of the start
        IReadOnlyList<SettingSource> sources = LiveSettings.Sources(inForce.Sources, next.Sources);
        inForce.SourcesRead = new Lazy<IReadOnlyList<SettingSource>>(sources);
        (inForce.Tls, inForce.Security, inForce.Log) = (tls, next.Security, next.Log);
        useTls?.Invoke();
        Use(next.Security);
    }

    // By name: an upstream that is new, or gone, needs a restart.
    private void UseRules(GatewayOptions inForce, GatewayOptions next)
    {
        List<RelayOptions> others = [next.Relay, .. next.Relays];
        foreach (RelayOptions relay in (List<RelayOptions>)[inForce.Relay, .. inForce.Relays])
            if (others.Find(other => other.Name == relay.Name) is { } other && Uplinks.FirstOrDefault(uplink => uplink.Name == relay.Name) is { } uplink && !relay.HasSameRules(other))
                uplink.UseRules(other);
        Broker.Routes.IsVolatile = new TopicRules(inForce.Topics = next.Topics).IsVolatile;
        Broker.Routes.RulesChanged();
    }

    private static void Copy(PropertyInfo property, object to, object from) => property.SetValue(to, property.GetValue(from));

    /// <summary>Checks what can be checked before anything is made.</summary>
    /// <exception cref="SettingException">A setting cannot be used.</exception>
    public static void Check(GatewayOptions options) => _ = Checked(options);

    private static ListenSettings Checked(GatewayOptions options)
    {
        string? wrong = options.Limits.Check() ?? options.Sys.Check() ?? options.Log.Check() ?? options.Trace.Check() ?? options.Otlp.Check() ?? options.Security.Check() ?? TrustedProxies.Check(options.Security) ?? options.Tls.Check() ?? options.Console.Check() ?? options.Time.Check() ?? options.HomeAssistant.Check() ?? new GroupPolicies(options.Policies).Check() ?? TopicRules.Check(options.Topics) ?? new OriginRules(options.Security).Check();
        if (wrong is not null)
            throw new SettingException(wrong);
        return ListenSettings.Parse(options);
    }
}
