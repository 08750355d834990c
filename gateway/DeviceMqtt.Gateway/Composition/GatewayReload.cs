using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Orders;
using DeviceMqtt.Gateway.Observability;
using DeviceMqtt.Gateway.Settings;

namespace DeviceMqtt.Gateway.Composition;

/// <summary>
/// Has a gateway that runs take over other settings, by <c>reload</c> or SIGHUP.
/// <list type="bullet">
/// <item>Everything is read and checked before anything changes: what is wrong changes nothing.</item>
/// <item>No connection ends, but those whose right is gone.</item>
/// <item>What counts only from the next start on is said, each time, until there was one.</item>
/// </list>
/// Safe from any thread.
/// </summary>
/// <param name="host">Of the gateway.</param>
/// <param name="inForce">Its settings, with what was made to fit. Changed by what is taken over.</param>
/// <param name="levels">From which level on is logged.</param>
/// <param name="log">Is told what changed.</param>
internal sealed class GatewayReload(GatewayHost host, GatewayOptions inForce, LogLevels levels, ILogger log)
{
    private readonly Lock _lock = new();
    private Dictionary<string, string>? _values; // of what is in force; a start does not ask for them

    /// <summary>Reads the settings with <paramref name="read"/>, and takes over what can be.</summary>
    /// <returns>What the log says, too.</returns>
    public OrderAnswer Run(Func<GatewayOptions> read)
    {
        lock (_lock)
        {
            try
            {
                List<string> said = Use(read());
                log.SettingsRead(string.Join("; ", said));
                return new OrderAnswer(0, said);
            }
            catch (SettingException exception)
            {
                log.SettingsWrong(exception.Message);
                return new OrderAnswer(2, [exception.Message, "nothing has changed"]);
            }
        }
    }

    private List<string> Use(GatewayOptions next)
    {
        _values ??= SettingValues.Of(inForce);
        // As before a start.
        _ = OpenFiles.Fit(next.Limits, next.KeepsData, ListenSettings.Parse(next).HasTls, OpenFiles.Limit());
        _ = GatewayHost.Fit(next, out _, out _);
        List<SettingChange> changes = SettingChange.Between(_values, SettingValues.Of(next));
        List<SettingChange> live = changes.FindAll(static change => change.IsLive);
        host.Use(inForce, next);
        levels.Level = next.Log.Level;
        foreach (SettingChange change in live)
            if (change.After is { } after)
                _values[change.Key] = after;
            else
                _ = _values.Remove(change.Key);
        // A list has grown by one: what is empty of it says nothing.
        List<string> said = [.. live.Where(static change => change is not { Before: null, After.Length: 0 }).Select(static change => $"{change}")];
        if (said.Count == 0)
            said.Add("no setting has changed that counts without a restart");
        said.AddRange(changes.Where(static change => !change.IsLive).Select(static change => $"needs a restart: {change}"));
        return said;
    }
}
