using System.Text;

namespace DeviceMqtt.Gateway.Backups;

/// <summary>
/// The end of a backup: a member of gzip that holds nothing, and whose comment is the SHA-256 of all bytes before it. A gzip file may have many members (RFC 1952
/// section 2.2), so <c>tar</c> reads a backup as before. It speaks for what no other checksum does: the list of the files, and that the file is whole, for
/// GZipStream takes a stream that was cut for one that has ended.
/// </summary>
internal static class BackupSeal
{
    /// <summary>Behind the name of a backup until it is whole.</summary>
    public const string Part = ".part";

    private const int HashDigits = 64;
    private static readonly byte[] Head = [0x1F, 0x8B, 8, 0x10, 0, 0, 0, 0, 0, 0xFF, .. "sha256:"u8]; // deflate, with a comment; no time, no system (section 2.3)
    private static readonly byte[] Tail = [0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0]; // the end of the comment, an empty last block (RFC 1951 section 3.2.6), its CRC-32 and length

    private static int Bytes => Head.Length + HashDigits + Tail.Length;

    /// <summary>Seals what was written.</summary>
    /// <param name="file">At its end.</param>
    /// <exception cref="IOException">It cannot be read or written.</exception>
    public static void Add(FileStream file)
    {
        file.Flush();
        using FileStream written = new(file.Name, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        file.Write(Of(written, written.Length));
    }

    /// <summary>Checks that a backup is whole, and that no byte of it has changed.</summary>
    /// <exception cref="InvalidDataException">It is not, or is no backup.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static void Check(string path)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Read);
        if (file.Length < Bytes)
            throw new InvalidDataException("it is too short for one");
        byte[] expected = Of(file, file.Length - Bytes);
        byte[] seal = new byte[Bytes];
        file.ReadExactly(seal);
        if (!seal.AsSpan().SequenceEqual(expected))
            throw new InvalidDataException("the checksum at its end is another: it was cut or has changed");
    }

    /// <summary>Whether a file ends as a backup does, or is one that is being written. Whether it is whole is not looked at.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static bool IsOn(string path)
    {
        if (path.EndsWith(Part, StringComparison.Ordinal))
            return true;
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (file.Length < Bytes)
            return false;
        file.Position = file.Length - Bytes;
        byte[] end = new byte[Bytes];
        return file.ReadAtLeast(end, Bytes, throwOnEndOfStream: false) == Bytes && end.AsSpan().StartsWith(Head) && end.AsSpan().EndsWith(Tail);
    }

    /// <summary>What tells a backup from another: its seal, as it stands there. Whether it is sound is not looked at.</summary>
    /// <exception cref="InvalidDataException">It is no backup.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static byte[] Read(string path)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Read);
        if (file.Length < Bytes)
            throw new InvalidDataException($"'{path}' is no sound backup: it is too short for one");
        file.Position = file.Length - Bytes;
        byte[] seal = new byte[Bytes];
        file.ReadExactly(seal);
        return seal;
    }

    private static byte[] Of(FileStream file, long length)
    {
        using HashedBytes bytes = new(file, length);
        bytes.CopyTo(Stream.Null);
        return [.. Head, .. Encoding.ASCII.GetBytes(bytes.Sha256()), .. Tail];
    }
}
