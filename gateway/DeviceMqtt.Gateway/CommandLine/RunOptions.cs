using System.CommandLine;

namespace DeviceMqtt.Gateway.CommandLine;

/// <summary>The options of <c>run</c>, for help, completion and every command line that <see cref="RunArguments.TryRead"/> leaves to the parser.</summary>
internal sealed class RunOptions
{
    private readonly Option<string[]> _listen = new("--listen") { Description = "Address for MQTT, e.g. 127.0.0.1:1883 or *:1883, with TLS mqtts://*:8883; may repeat. Port 0 takes a free one." };
    private readonly Option<string?> _http = new("--http") { Description = "Address for HTTP with MQTT over WebSocket at /mqtt, with TLS https://*:8443, or off. Default 127.0.0.1:8080." };
    private readonly Option<string?> _data = new("--data") { Description = "Folder for everything that is kept, or none. Default: the user's local application data." };
    private readonly Option<string?> _upstream = new("--upstream") { Description = "The upstream broker: mqtt://user:password@host:1883; nodes of a cluster with commas between. Default: none." };
    private readonly Option<string?> _config = new("--config") { Description = "JSON file with settings. Default: gateway.json in the data folder, if there is one." };
    private readonly Option<string[]> _set = new("--set") { Description = "Any setting, Section:Key=value; may repeat. See gateway/docs/settings.md." };

    private Option[] Options => [_listen, _http, _data, _upstream, _config, _set];

    /// <summary>Whether a word is one of its options, alone or with its value behind <c>=</c> or <c>:</c>.</summary>
    public bool Knows(string word) =>
        Array.Exists(Options, option => word.StartsWith(option.Name, StringComparison.Ordinal) && (word.Length == option.Name.Length || word[option.Name.Length] is '=' or ':'));

    public void AddOptionsTo(Command command)
    {
        foreach (Option option in Options)
            command.Options.Add(option);
    }

    public void AddTo(Command command)
    {
        AddOptionsTo(command);
        command.SetAction(parsed => RunCommand.Run(ArgumentsOf(parsed)));
    }

    /// <param name="parsed">Without errors.</param>
    public RunArguments ArgumentsOf(ParseResult parsed) => new()
    {
        Listen = parsed.GetValue(_listen) ?? [],
        Http = parsed.GetValue(_http),
        Data = parsed.GetValue(_data),
        Upstream = parsed.GetValue(_upstream),
        Config = parsed.GetValue(_config),
        Set = parsed.GetValue(_set) ?? [],
    };
}
