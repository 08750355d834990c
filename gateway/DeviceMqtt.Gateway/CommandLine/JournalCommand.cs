using System.CommandLine;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Custody;
using DeviceMqtt.Custody.Accounts;
using DeviceMqtt.Custody.Records;
using DeviceMqtt.Custody.Recovery;
using DeviceMqtt.Custody.Snapshots;
using DeviceMqtt.Gateway.Composition;
using DeviceMqtt.Gateway.Security;
using DeviceMqtt.Journal;

namespace DeviceMqtt.Gateway.CommandLine;

/// <summary>
/// <c>journal verify|dump|salvage</c> and <c>ledger</c>: what is in a data folder. Exit codes: 0 sound, 1 damaged or not
/// readable, 2 wrong words.
/// </summary>
internal static class JournalCommand
{
    private const int Damaged = 1;

    /// <summary>Everything that can be read has a place, whatever the journal that it comes from was let have: only the disk says that there is no more room.</summary>
    internal static JournalOptions OfSalvage { get; } = new() { BytesMax = 1L << 50, FreeFloorBytes = 0 };

    public static IEnumerable<Command> All()
    {
        Command journal = new("journal", "Look into the data folder of a gateway.");
        journal.Subcommands.Add(Reading("verify", "Check every byte, and print what is in it.", Verify));
        journal.Subcommands.Add(Reading("dump", "Print one line a record, without payloads.", Dump));
        journal.Subcommands.Add(Salvage());
        return [journal, Reading("ledger", "What became of all messages that were in custody, by class.", PrintLedger)];
    }

    private static Command Reading(string name, string description, Func<IJournalStorage, int> run)
    {
        Argument<string> folder = new("DIR") { Description = "The data folder, as --data had it." };
        Command command = new(name, description) { folder };
        command.SetAction(parsed => CommandGuard.Run(() => run(OpenExisting(parsed.GetValue(folder)!))));
        return command;
    }

    private static Command Salvage()
    {
        Argument<string> folder = new("DIR") { Description = "The damaged data folder; it is not changed." };
        Option<string> to = new("--to") { Description = "A new data folder for what can be read.", Required = true };
        Command command = new("salvage", "Recover what can be read after damage of the medium, and keep users, settings and certificates.") { folder, to };
        command.SetAction(parsed => CommandGuard.Run(() =>
        {
            PrivateFile.ApplyToProcess();
            KeptFiles.Copy(parsed.GetValue(folder)!, parsed.GetValue(to)!);
            DirectoryStorage target = new(Path.Combine(parsed.GetValue(to)!, GatewayHost.JournalFolder));
            JournalReport report = new JournalSalvage(OpenExisting(parsed.GetValue(folder)!), target, OfSalvage).Run(SnapshotWriter.AddEvents);
            // Under its own name: the journal may know of it already, and what came since is not of the backup.
            if (RestoreMark.Find(OpenExisting(parsed.GetValue(folder)!)) is { } mark)
                RestoreCommand.Mark(target.Name, mark.Name);
            PrivateFile.SyncAllNames(parsed.GetValue(to)!);
            if (PrivateFile.SyncNameOf(parsed.GetValue(to)!) is { } doubt)
                Console.Error.WriteLine(doubt);
            PrintDamage(report);
            Console.WriteLine($"salvaged {report.Segments.Sum(s => s.Records)} records into {target.Name}");
            return 0;
        }));
        return command;
    }

    private static int Verify(IJournalStorage storage)
    {
        JournalReport report = new JournalInspector(storage).Inspect();
        foreach (SegmentReport segment in report.Segments)
            Console.WriteLine($"{segment.Name}: records {segment.FirstPosition} to {segment.LastPosition}, {segment.Frames} frames, {segment.Bodies} messages, {segment.Bytes} bytes");
        if (report.SnapshotPosition > 0)
            Console.WriteLine($"snapshot of record {report.SnapshotPosition}, {report.SnapshotBytes} bytes");
        if (report.Segments.Count > 0 && report.Segments[^1].TornBytes > 0)
            Console.WriteLine($"the last {report.Segments[^1].TornBytes} bytes were being written when the gateway stopped; nothing in them was acknowledged");
        PrintDamage(report);
        Console.WriteLine(report.Damage.Count == 0 ? "sound" : $"damaged in {report.Damage.Count} places: 'journal salvage' recovers what can be read");
        return report.Damage.Count == 0 ? 0 : Damaged;
    }

    private static int Dump(IJournalStorage storage)
    {
        JournalInspector inspector = new(storage);
        JournalReport report = inspector.Inspect((in FoundRecord record) =>
            Console.WriteLine($"{record.Position} {(record.CopyOf != 0 ? $"copy of {record.CopyOf}: " : "")}{Describe(record.Bytes)}"));
        foreach (ReadOnlyMemory<byte> record in SnapshotWriter.Split(inspector.SnapshotState))
            Console.WriteLine($"snapshot {Describe(record.Span)}");
        PrintDamage(report);
        return report.Damage.Count == 0 ? 0 : Damaged;
    }

    private static int PrintLedger(IJournalStorage storage)
    {
        RecoveredState state = new();
        JournalReport report = new JournalInspector(storage).Replay(state);
        Console.WriteLine($"{"class",-8} {"accepted",10} {"delivered",10} {"pending",10} {"expired",10} {"dropped",10}");
        bool isBalanced = true;
        _ = state.Ledger[LedgerClass.Volatile].Lose(DropReason.NotDurable); // no gateway runs that had them
        foreach (LedgerClass ledgerClass in Ledger.Classes)
        {
            LedgerAccount account = state.Ledger[ledgerClass];
            account.Pending = state.Entries.Count(e => Entry.ClassOf(e.Held.Entry) == ledgerClass);
            isBalanced &= account.IsBalanced;
            Console.WriteLine($"{ledgerClass,-8} {account.Accepted,10} {account.Delivered,10} {account.Pending,10} {account.Expired,10} {account.Dropped,10}");
            foreach ((Outcome outcome, long count) in account.Outcomes())
                if (!outcome.IsDelivered)
                    Console.WriteLine($"{"",-8} {count} x {outcome.Reason}");
        }

        PrintDamage(report);
        Console.WriteLine(isBalanced ? "balanced" : "NOT balanced");
        return isBalanced && report.Damage.Count == 0 ? 0 : Damaged;
    }

    private static string Describe(ReadOnlySpan<byte> record)
    {
        try
        {
            return RecordText.Of(record);
        }
        catch (InvalidDataException exception)
        {
            return $"? {exception.Message}";
        }
    }

    private static void PrintDamage(JournalReport report)
    {
        foreach (string damage in report.Damage)
            Console.WriteLine($"DAMAGE {damage}");
    }

    private static DirectoryStorage OpenExisting(string folder)
    {
        string journal = Path.Combine(folder, GatewayHost.JournalFolder);
        return Directory.Exists(journal) ? new DirectoryStorage(journal) : throw new IOException($"there is no journal in '{folder}'");
    }
}
