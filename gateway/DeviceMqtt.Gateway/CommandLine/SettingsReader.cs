using System.Runtime.CompilerServices;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Settings;

namespace DeviceMqtt.Gateway.CommandLine;

/// <summary>Reads the settings: defaults, then the JSON file, then the environment, then the command line.</summary>
internal static class SettingsReader
{
    private const string CommandLine = "command line";

    /// <param name="file">A JSON file, or null for none.</param>
    /// <param name="listen">Addresses of the command line; those of the file count when there are none.</param>
    /// <param name="overrides">Other settings of the command line, <c>Section:Key</c>.</param>
    /// <exception cref="SettingException">A setting is unknown or has a value it cannot have; the message names it.</exception>
    public static GatewayOptions Read(string? file, IReadOnlyList<string> listen, IReadOnlyDictionary<string, string?> overrides)
    {
        GatewayOptions options = new();
        if (file is not null || HasEnvironment() || !TrySetTexts(options, overrides))
            Bind(options, file, listen, overrides);
        else
            options.SourcesRead = new Lazy<IReadOnlyList<SettingSource>>(() => SourcesRead(Load(file, overrides), file, listen));

        // A list merges position by position: the command line's addresses are meant to be all there are.
        if (listen.Count > 0)
            options.Listen = [.. listen];
        if (options.Data.Length == 0)
            options.Data = DefaultData();
        options.File = file is null ? "" : Path.GetFullPath(file);
        return options;
    }

    // By itself, as the next: the framework's configuration, with seven assemblies, is a tenth of a start. A start with nothing but a few texts of the command line goes without it.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Bind(GatewayOptions options, string? file, IReadOnlyList<string> listen, IReadOnlyDictionary<string, string?> overrides)
    {
        IConfigurationRoot configuration = Load(file, overrides);
        foreach ((string key, string? value) in configuration.AsEnumerable())
            if (SettingShape.Check(key, value) is { } wrong)
                throw new SettingException(wrong);
        try
        {
            configuration.Bind(options, binder => binder.ErrorOnUnknownConfiguration = true);
        }
        catch (InvalidOperationException exception)
        {
            throw new SettingException(Explain(configuration, exception));
        }

        // A start asks for none of it.
        options.SourcesRead = new Lazy<IReadOnlyList<SettingSource>>(() => SourcesRead(configuration, file, listen));
    }

    // A text can be anything, so there is nothing to check. False where there is any other setting.
    private static bool TrySetTexts(GatewayOptions options, IReadOnlyDictionary<string, string?> overrides)
    {
        foreach ((string key, string? value) in overrides)
        {
            switch (value is null ? "" : key)
            {
                case nameof(GatewayOptions.Http): options.Http = value!; break;
                case nameof(GatewayOptions.Data): options.Data = value!; break;
                case nameof(GatewayOptions.Upstream): options.Upstream = value!; break;
                default: return false;
            }
        }

        return true;
    }

    // However it is written: what the configuration makes of it is its business.
    private static bool HasEnvironment()
    {
        ReadOnlySpan<char> prefix = GatewayOptions.EnvironmentPrefix.AsSpan().TrimEnd('_');
        foreach (object name in Environment.GetEnvironmentVariables().Keys)
            if (((string)name).AsSpan().StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
                return true;
        return false;
    }

    private static List<SettingSource> SourcesRead(IConfigurationRoot configuration, string? file, IReadOnlyList<string> listen) =>
        [.. SourcesOf(configuration, file).Where(source => listen.Count == 0 || !source.Key.StartsWith("Listen:", StringComparison.OrdinalIgnoreCase)), .. listen.Select(static (address, i) => new SettingSource($"Listen:{i}", address, CommandLine))];

    private static IConfigurationRoot Load(string? file, IReadOnlyDictionary<string, string?> overrides)
    {
        ConfigurationBuilder builder = new();
        try
        {
            // Read again while the gateway runs, which is not to die of it.
            if (file is { Length: 0 })
                throw new SettingException("--config is empty; it must be a file");
            if (file is not null && new FileInfo(file) is { Exists: true, Length: > SettingsFile.BytesMax and var bytes })
                throw new SettingException($"--config: '{file}' has {bytes} bytes, and no settings file has more than {SettingsFile.BytesMax}");
            if (file is not null)
                AddFile(builder, file);
            return builder.AddEnvironmentVariables(GatewayOptions.EnvironmentPrefix).AddInMemoryCollection(overrides).Build();
        }
        catch (FileNotFoundException)
        {
            throw new SettingException($"--config: there is no file '{file}'");
        }
        catch (InvalidDataException exception)
        {
            throw new SettingException($"--config: {WhereInFile(file!, exception)}".ReplaceLineEndings(" "));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SettingException($"--config: '{file}' cannot be read: {exception.Message}");
        }
    }

    // By itself: without a file nothing of JSON is loaded.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void AddFile(ConfigurationBuilder builder, string file) => builder.AddJsonFile(Path.GetFullPath(file), optional: false, reloadOnChange: false);

    // The reader counts lines and bytes from 0, an editor lines and columns from 1.
    private static string WhereInFile(string file, InvalidDataException exception)
    {
        for (Exception? inner = exception; inner is not null; inner = inner.InnerException)
            if (inner is System.Text.Json.JsonException { LineNumber: { } line, BytePositionInLine: { } column })
                return $"'{file}', line {line + 1}, column {column + 1} is not JSON: {inner.Message.Split(" LineNumber:")[0].Split(" Path:")[0]}";
        string why = exception.InnerException?.Message ?? exception.Message;
        // What the reader of the framework says without a line: a setting that stands there twice, in any case, and a file that is no object.
        if (why.Split('\'') is [_, { Length: > 0 } key, ..] && SettingLine.LineIn(file, key, isLast: true) is { } second)
            return $"'{file}', line {second}: the setting '{key}' stands there a second time";
        return exception.InnerException is FormatException ? $"'{file}', line 1, is no settings file: {why}" : $"'{file}' is not JSON: {why}";
    }

    /// <summary>Every value that is set, with the place that wins; whether it can be used is not looked at.</summary>
    public static IReadOnlyList<SettingSource> Sources(string? file, IReadOnlyDictionary<string, string?> overrides) => [.. SourcesOf(Load(file, overrides), file)];

    /// <inheritdoc cref="Sources(string?, IReadOnlyDictionary{string, string?})"/>
    /// <param name="file">A JSON file, or null for none.</param>
    /// <param name="listen">Addresses of the command line.</param>
    /// <param name="overrides">Other settings of the command line.</param>
    public static IReadOnlyList<SettingSource> Sources(string? file, IReadOnlyList<string> listen, IReadOnlyDictionary<string, string?> overrides) => SourcesRead(Load(file, overrides), file, listen);

    private static IEnumerable<SettingSource> SourcesOf(IConfigurationRoot configuration, string? file)
    {
        // In the order in which Load adds them; the last one that has a value wins.
        string[] names = file is null ? ["environment", CommandLine] : [file, "environment", CommandLine];
        List<IConfigurationProvider> providers = [.. configuration.Providers];
        foreach ((string key, string? value) in configuration.AsEnumerable().Where(static pair => pair.Value is not null).OrderBy(static pair => pair.Key, StringComparer.OrdinalIgnoreCase))
            yield return new SettingSource(key, value!, names[providers.FindLastIndex(each => each.TryGet(key, out _))]);
    }

    /// <summary>What <c>--set Section:Key=value</c> says, by the name of the setting, whose case does not count.</summary>
    /// <exception cref="SettingException">One is no assignment.</exception>
    public static Dictionary<string, string?> ReadAssignments(IEnumerable<string> assignments)
    {
        Dictionary<string, string?> values = new(StringComparer.OrdinalIgnoreCase); // as the names of settings are: the later one wins, however it is written
        foreach (string assignment in assignments)
        {
            int equals = assignment.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
                throw new SettingException($"--set '{assignment}': it must be Section:Key=value");
            values[assignment[..equals]] = assignment[(equals + 1)..];
        }

        return values;
    }

    /// <summary>
    /// The data folder where none is named: the one that systemd has made for the service (StateDirectory of systemd.exec(5)), else one in the home of this
    /// account. Not made here: whoever may not make it is told when it is needed.
    /// </summary>
    /// <exception cref="SettingException">This account has no home folder.</exception>
    public static string DefaultData() =>
        SettingsFile.StateFolder(Environment.GetEnvironmentVariable) is { } state ? state
        : Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify) is { Length: > 0 } folder
            ? Path.Combine(folder, "DeviceMqtt")
            : throw new SettingException("this account has no home folder (HOME): say --data DIR");

    // The binder's messages span lines and speak of types; the setting's name is what the reader needs.
    private static string Explain(IConfiguration configuration, Exception exception)
    {
        bool isUnknown = exception.Message.Contains(nameof(BinderOptions.ErrorOnUnknownConfiguration), StringComparison.Ordinal);
        // Those with a value first: one without is a section, and may be empty.
        foreach ((string key, string? value) in configuration.AsEnumerable().OrderBy(static pair => string.IsNullOrEmpty(pair.Value)))
        {
            if (!isUnknown)
            {
                if (value is not null && exception.Message.Contains($"'{key}'", StringComparison.OrdinalIgnoreCase))
                    return $"{key} cannot be '{value}': {SettingShape.Words(key) ?? (exception.InnerException ?? exception).Message.ReplaceLineEndings(" ")}";
                continue;
            }

            // What is unknown is the last part of a key, or a section above it.
            string[] names = key.Split(':');
            int unknown = Array.FindLastIndex(names, name => exception.Message.Contains($"'{name}'", StringComparison.OrdinalIgnoreCase));
            if (unknown >= 0)
                return $"{string.Join(':', names[..(unknown + 1)])} is not a setting";
        }

        return exception.Message.ReplaceLineEndings(" ");
    }
}
