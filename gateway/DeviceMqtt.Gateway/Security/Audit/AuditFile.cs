using System.Globalization;
using System.Text;
using DeviceMqtt.Broker.Words;
using Microsoft.Win32.SafeHandles;

namespace DeviceMqtt.Gateway.Security;

/// <summary>
/// Who changed what (<c>audit.log</c>), who came in with what (<c>audit-in.log</c>), and who was refused (<c>audit-refused.log</c>): in the data folder, one line each,
/// mode 600. Each has <see cref="BytesMax"/> at most; then it gets the ending <c>.1</c>, in place of the one before. The gateway and the command line both write them.
/// </summary>
internal sealed class AuditFile(string dataFolder, TimeProvider time, AuditKind kind = AuditKind.Changed)
{
    /// <summary>Chosen: five thousand lines, some weeks of a house.</summary>
    public const int BytesMax = 512 * 1024;

    private const int LineCharactersMax = 500;
    private const int WhatCharactersMax = 320;
    private const int WhoCharactersMax = 150; // with the other the line has room
    private readonly string _path = Path.Combine(dataFolder, NameOf(kind));

    /// <summary>Opens the file to write at its end.</summary>
    public Func<string, FileStream> Open { get; init; } = PrivateFile.Append;

    /// <summary>The name of the file.</summary>
    public string Name => NameOf(kind);

    /// <inheritdoc cref="Name"/>
    public static string NameOf(AuditKind kind) => kind switch
    {
        AuditKind.In => "audit-in.log",
        AuditKind.Refused => "audit-refused.log",
        _ => "audit.log",
    };

    /// <summary>A change by the command line, with the account that made it.</summary>
    /// <exception cref="IOException">It cannot be written; so for the other.</exception>
    /// <exception cref="UnauthorizedAccessException">It belongs to somebody else.</exception>
    public static void Changed(string dataFolder, string what)
    {
        AuditFile file = new(dataFolder, TimeProvider.System);
        file.Append([file.Line(ChangedBy(what, Environment.UserName))]);
    }

    /// <summary>A change with who made it: whatever somebody has put into it, who it was stands in the line.</summary>
    /// <param name="what">Cut where it is too long.</param>
    /// <param name="who">A name, or more.</param>
    public static string ChangedBy(string what, string who) => $"changed: {Cut(what, WhatCharactersMax)}, by {Cut(who, WhoCharactersMax)}";

    // Before it is made visible, so that a long text is no work, and behind, because that makes it longer.
    private static string Cut(string text, int charactersMax) => SafeText.Of(SafeText.Of(text, charactersMax), charactersMax);

    /// <summary>A line with the time before it. Whatever is in the text, it is one line and shows what it is.</summary>
    public string Line(string text) => string.Create(CultureInfo.InvariantCulture, $"{time.GetUtcNow():yyyy-MM-ddTHH:mm:ssZ} {SafeText.Of(text, LineCharactersMax)}\n");

    /// <summary>Writes lines at the end. Throws what <see cref="Changed"/> throws.</summary>
    public void Append(IReadOnlyCollection<string> lines)
    {
        using FileStream exclusive = PrivateFile.Lock(_path);
        if (new FileInfo(_path) is { Exists: true, Length: > BytesMax })
            File.Move(_path, _path + ".1", overwrite: true);
        using FileStream file = Open(_path);
        long bytesBefore = file.Length;
        // What another has left of a line, or this one where nothing could be taken back, stays one line.
        byte[] text = Encoding.UTF8.GetBytes(string.Concat((string[])[HasTornLine(bytesBefore) ? "\n" : "", .. lines]));
        try
        {
            file.Write(text);
            file.Flush();
        }
        catch (IOException)
        {
            // All lines come once more: what the file has taken of them does not stay.
            TryCut(file, bytesBefore);
            throw;
        }
    }

    private bool HasTornLine(long bytes)
    {
        if (bytes == 0)
            return false;
        using SafeFileHandle handle = File.OpenHandle(_path, share: FileShare.ReadWrite | FileShare.Delete);
        byte last = 0;
        _ = RandomAccess.Read(handle, new Span<byte>(ref last), bytes - 1);
        return last != (byte)'\n';
    }

    private static void TryCut(FileStream file, long bytes)
    {
        try
        {
            file.SetLength(bytes);
        }
        catch (IOException)
        {
            // Whoever waits is told of the first; the next lines begin on a line of their own.
        }
    }
}
