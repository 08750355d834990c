using System.Net.Sockets;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Backups;
using DeviceMqtt.Gateway.Composition;
using DeviceMqtt.Gateway.Observability;
using DeviceMqtt.Gateway.Security;
using DeviceMqtt.Gateway.Settings;
using DeviceMqtt.Gateway.Tls;
using DeviceMqtt.Journal;
using Microsoft.AspNetCore.Connections;

namespace DeviceMqtt.Gateway.CommandLine;

/// <summary><c>run</c>: the gateway until SIGTERM or Ctrl-C. Exit codes: 0 stopped, 1 could not run, 2 wrong setting.</summary>
internal static class RunCommand
{
    public const int Stopped = 0;
    public const int Failed = 1;
    public const int WrongSetting = 2;

    /// <summary>No exit code: the process goes on, with another look at its disk.</summary>
    internal const int StartAnew = -1;

    /// <summary>Until SIGTERM or Ctrl-C.</summary>
    /// <param name="arguments">What the command line says.</param>
    /// <returns>The exit code.</returns>
    public static int Run(RunArguments arguments)
    {
        // What waits for the upstream leaves, presence is told; GatewayHost.StopTimeout is how long that may take.
        using StopSignals stop = new();
        using ReloadSignal again = new();
        return RunAsync(arguments, again, stop.Token).GetAwaiter().GetResult();
    }

    private static async Task<int> RunAsync(RunArguments arguments, ReloadSignal again, CancellationToken stop)
    {
        try
        {
            GatewayOptions options = Read(arguments);
            PrivateFile.ApplyToProcess();
            if (options.KeepsData)
                PrepareData(options.Data);
            string? lowered = OpenFiles.Fit(options.Limits, options.KeepsData, ListenSettings.Parse(options).HasTls, OpenFiles.Limit());
            LogLevels levels = new(options.Log.Level);
            ConsoleLines lines = ConsoleLines.OfProcess();
            using ILoggerFactory loggers = lines.Loggers(levels);
            if (lowered is not null)
                loggers.CreateLogger("Gateway").BoundsLowered(lowered);
            ServiceManager service = ServiceManager.OfProcess();
            while (true)
            {
                await using GatewayHost host = GatewayHost.Create(options, loggers);
                host.Alive = service.Alive;
                host.Settled = static () =>
                {
                    AssemblyPages.GiveBack();
                    _ = CompilerMemory.GiveBackAsync(); // seconds, and no beat waits for it
                };
                GatewayReload reload = new(host, options, levels, loggers.CreateLogger("Gateway"));
                host.Orders?.On(ReloadCommand.Word, (_, _) => Task.FromResult(reload.Run(() => Read(arguments))));
                if (await TryStartAsync(host, options.Data) is { } problem)
                {
                    Console.Error.WriteLine(problem);
                    return Failed;
                }

                if (options.KeepsData)
                {
                    if (PrivateFile.IsOpenToOthers(options.Data))
                        loggers.CreateLogger("Security").DataFolderOpen(options.Data);
                }
                else if (UnreadUsers(options, [.. host.MqttOn, .. host.HttpOn], DeviceWords.NameOfDataFolder(null)) is { } unread)
                {
                    loggers.CreateLogger("Security").NoUsersRead(unread, options.Security.LocalRole);
                }

                foreach (ListenOn on in host.MqttOn)
                    lines.Say($"listening {(on.IsTls ? "mqtts" : "mqtt")} {on.EndPoint}");
                foreach (ListenOn on in host.HttpOn)
                    lines.Say($"listening {(on.IsTls ? "https" : "http")} {on.EndPoint} (MQTT over WebSocket at /mqtt)");
                using IDisposable taken = again.Use(() => reload.Run(() => Read(arguments)));
                service.Ready($"listening at {string.Join(", ", host.MqttOn.Select(static on => on.EndPoint))}");
                int exitCode = await ServeAsync(host, options, service, stop);
                if (exitCode == Stopped)
                    lines.Say("stopped");
                if (exitCode != StartAnew)
                    return exitCode;
                lines.Say("recovering");
            }
        }
        catch (SettingException exception)
        {
            Console.Error.WriteLine(Located(arguments, exception.Message));
            return WrongSetting;
        }
    }

    /// <summary>Users that somebody expects where nothing is kept, as the begin of a sentence; null where they are in the settings, or nobody needs one.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="on">Where the gateway listens.</param>
    /// <param name="folder">The data folder of a gateway that keeps something.</param>
    internal static string? UnreadUsers(GatewayOptions options, IEnumerable<ListenOn> on, string folder)
    {
        if (options.KeepsData || options.Security.AllowAnonymous || options.Security.Users.Count + options.Security.AccessKeys.Count > 0)
            return null;
        string file = Path.Combine(folder, UserFile.Name);
        return File.Exists(file) ? $"the users in '{file}' are not read"
            : on.Any(static at => !System.Net.IPAddress.IsLoopback(at.EndPoint.Address)) ? "there are no users"
            : null;
    }

    // What is found wrong while the gateway is made is about a setting of a file, too.
    private static string Located(RunArguments arguments, string sentence)
    {
        try
        {
            return ConfigCheck.Locate(FileOf(arguments, Environment.GetEnvironmentVariable), arguments.Listen, Overrides(arguments), sentence);
        }
        catch (SettingException)
        {
            return sentence; // the command line itself is wrong
        }
    }

    /// <summary>The settings as a start reads and checks them.</summary>
    /// <exception cref="SettingException">Something is wrong; the message says what, and where in the file.</exception>
    internal static GatewayOptions Read(RunArguments arguments) => ConfigCheck.Read(FileOf(arguments, Environment.GetEnvironmentVariable), arguments.Listen, Overrides(arguments));

    /// <summary>The settings file of a start; null where there is none.</summary>
    /// <param name="arguments">Of the command line.</param>
    /// <param name="variable">Reads the environment: a start by hand beside an installed service is no start of that.</param>
    internal static string? FileOf(RunArguments arguments, Func<string, string?> variable) => arguments.Config ?? SettingsFile.FindIn(DeviceWords.NameOfDataFolder(arguments.Data, variable), variable);

    /// <summary>Until the gateway that has started has stopped again.</summary>
    /// <returns>The exit code; <see cref="StartAnew"/> when it is to start again, from what its disk holds.</returns>
    internal static async Task<int> ServeAsync(GatewayHost host, GatewayOptions options, ServiceManager service, CancellationToken stop)
    {
        Task<Exception> journalFailed = host.State?.Failed ?? new TaskCompletionSource<Exception>().Task;
        _ = await Task.WhenAny(Task.Delay(Timeout.InfiniteTimeSpan, stop), journalFailed, host.Failed);
        options.ListenAt([.. host.MqttOn], [.. host.HttpOn]);
        if (!journalFailed.IsCompleted)
            service.Stopping();
        await host.StopAsync();
        // A fault of our own: what started the gateway starts it again, in a fresh process.
        if (host.Failed.IsCompleted)
            return Failed;
        if (!journalFailed.IsCompleted)
            return Stopped;

        // Nothing is acknowledged any more, and only what a new look at the disk finds there is true. A disk that has
        // taken nothing since the last look would fail again: whoever started the gateway decides.
        // Nor is there anything to find in a folder that was taken away, and a new one in its place would hide the loss.
        bool isFolderGone = (await journalFailed) is JournalException { Fault: JournalFault.FolderGone };
        return host.State is { HasCommitted: true } && !isFolderGone ? StartAnew : Failed;
    }

    /// <returns>Why it could not start; null when it has.</returns>
    private static async Task<string?> TryStartAsync(GatewayHost host, string data)
    {
        try
        {
            await host.StartAsync(CancellationToken.None);
            return null;
        }
        catch (IOException exception) when (FindInUse(exception) is not null)
        {
            return $"the port is in use: {exception.Message.Replace("http://", "", StringComparison.Ordinal)}";
        }
        catch (JournalException exception) when (exception.Fault == JournalFault.Damaged)
        {
            return $"{exception.Message}{Environment.NewLine}'journal verify {data}' says more, 'journal salvage {data} --to DIR' recovers what can be read";
        }
        catch (JournalException exception) when (exception.Fault == JournalFault.NewerFormat)
        {
            return $"{exception.Message}: a newer version has written to {data}, and nothing was changed. Install that version again, or restore a backup from before the upgrade into an empty folder";
        }
        catch (JournalException exception)
        {
            return exception.Message;
        }
        catch (InvalidDataException exception)
        {
            return $"cannot start: {exception.Message}";
        }
        catch (IOException exception) when (exception.InnerException is SocketException)
        {
            return exception.Message; // with its address
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return $"cannot start: {exception.Message}";
        }
    }

    internal static Dictionary<string, string?> Overrides(RunArguments arguments)
    {
        Dictionary<string, string?> overrides = SettingsReader.ReadAssignments(arguments.Set);
        Set(nameof(GatewayOptions.Http), arguments.Http);
        Set(nameof(GatewayOptions.Data), arguments.Data);
        Set(nameof(GatewayOptions.Upstream), arguments.Upstream);
        return overrides;

        void Set(string key, string? value)
        {
            if (value is not null)
                overrides[key] = value;
        }
    }

    private static void PrepareData(string folder)
    {
        // Its users may not be there yet.
        if (BackupReader.IsUnfinishedIn(folder))
            throw new SettingException($"Data is {BackupReader.WordsFor(folder)}");
        try
        {
            RestoreCommand.Remove(Path.Combine(folder, BackupReader.Over));
            PrivateFile.CreateFolder(folder);
            PrivateFile.CreateOwnFolder(Path.Combine(folder, GatewayHost.JournalFolder));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new SettingException($"Data is '{folder}': {exception.Message.TrimEnd('.')}; --data DIR names another");
        }
    }

    private static AddressInUseException? FindInUse(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
            if (exception is AddressInUseException inUse)
                return inUse;
        return null;
    }
}
