using System.Globalization;
using DeviceMqtt.Gateway.Orders;
using DeviceMqtt.Journal;

namespace DeviceMqtt.Gateway.Backups;

/// <summary>
/// The order <c>backup</c>: the gateway keeps the files of its journal as they are and names them, until the command line has copied them. A command
/// line that is gone, or takes too long, holds nothing any more.
/// </summary>
internal static class HeldJournal
{
    public const string Word = "backup";

    /// <summary>What the command line says when it has copied all.</summary>
    public const string Done = "done";

    // Chosen: half a gigabyte onto a slow stick. While it is held the journal may become full.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    /// <summary>The gateway's side.</summary>
    /// <param name="take">Takes the hold.</param>
    /// <param name="settings">Where the settings stand that are in force; empty when that is in the data folder.</param>
    /// <param name="line">To the command line.</param>
    /// <param name="stopping">The gateway stops.</param>
    public static async Task<OrderAnswer> HoldAsync(Func<JournalHold> take, string settings, OrderLine line, CancellationToken stopping)
    {
        using JournalHold hold = take();
        List<string> said = [string.Create(CultureInfo.InvariantCulture, $"upTo {hold.UpTo}"), $"settings {settings}"];
        said.AddRange(hold.Files.Select(static file => string.Create(CultureInfo.InvariantCulture, $"file {file.Bytes} {file.Length} {file.Name}")));
        await OrderServer.AnswerAsync(line, new OrderAnswer(0, said), stopping);
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        patience.CancelAfter(Patience);
        try
        {
            return await line.ReadAsync(patience.Token) == Done ? new OrderAnswer(0, ["held"]) : new OrderAnswer(1, ["the command line went away"]);
        }
        catch (OperationCanceledException)
        {
            return new OrderAnswer(1, [stopping.IsCancellationRequested ? "the gateway stops" : $"the copy took more than {Patience.TotalMinutes} minutes, so its files were not held any more"]);
        }
    }

    /// <summary>The command line's side.</summary>
    /// <exception cref="IOException">The gateway said something else.</exception>
    public static (BackupManifest About, List<HeldFile> Files) Read(IReadOnlyList<string> lines, BackupManifest about)
    {
        List<HeldFile> files = [];
        foreach (string line in lines)
        {
            string[] words = line.Split(' ', 4);
            if (words[0] == "upTo" && long.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out long upTo))
                about = about with { UpTo = upTo };
            else if (words[0] == "settings")
                about = about with { Settings = line["settings ".Length..] };
            else if (words is ["file", var bytes, var length, var name] && long.TryParse(bytes, NumberStyles.None, CultureInfo.InvariantCulture, out long has) && long.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out long whole))
                files.Add(new HeldFile(name, has, whole));
            else
                throw new IOException($"the gateway said '{line}': is it of another version?");
        }

        return (about, files);
    }
}
