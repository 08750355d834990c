namespace DeviceMqtt.Gateway.CommandLine;

/// <summary>What the command line of <c>run</c> says. Null, or none, where it says nothing.</summary>
internal sealed record RunArguments
{
    public IReadOnlyList<string> Listen { get; init; } = [];

    public string? Http { get; init; }

    public string? Data { get; init; }

    public string? Upstream { get; init; }

    public string? Config { get; init; }

    public IReadOnlyList<string> Set { get; init; } = [];

    /// <summary>
    /// Reads a command line in its plain form, each option a word and its value the next. Measured: the parser with everything it can do takes
    /// a tenth of a start, and most starts, the service's among them, are written so.
    /// </summary>
    /// <param name="args">All words behind the name of the program.</param>
    /// <returns>Null for any other form, help and mistakes: the parser reads them, and says what is wrong.</returns>
    public static RunArguments? TryRead(string[] args)
    {
        List<string> listen = [];
        List<string> set = [];
        Dictionary<string, string> once = new(StringComparer.Ordinal);
        int first = args.Length > 0 && args[0] == "run" ? 1 : 0;
        if ((args.Length - first) % 2 != 0)
            return null;
        for (int i = first; i < args.Length; i += 2)
        {
            (string option, string value) = (args[i], args[i + 1]);
            // An option, "--", a response file: not for us.
            if (value.Length == 0 || value[0] is '-' or '@')
                return null;
            if (option == "--listen")
                listen.Add(value);
            else if (option == "--set")
                set.Add(value);
            else if (option is not ("--http" or "--data" or "--upstream" or "--config") || !once.TryAdd(option, value))
                return null;
        }

        return new RunArguments
        {
            Listen = listen,
            Http = once.GetValueOrDefault("--http"),
            Data = once.GetValueOrDefault("--data"),
            Upstream = once.GetValueOrDefault("--upstream"),
            Config = once.GetValueOrDefault("--config"),
            Set = set,
        };
    }
}
