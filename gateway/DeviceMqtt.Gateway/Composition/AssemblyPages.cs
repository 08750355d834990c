using System.Buffers;
using System.Buffers.Text;
using System.Runtime.InteropServices;

namespace DeviceMqtt.Gateway.Composition;

/// <summary>
/// The pages of assemblies and libraries that a start, or the first pages of the console, have read, most of them never again: with each page that is needed the kernel maps fifteen beside it, and an
/// idle gateway needs next to nothing of the compiler. They are taken out of the process. The next look at one is answered from the kernel's cache, for as long as the machine has no better use for that memory.
/// </summary>
/// <remarks>
/// Only pages that are in memory as they are in the file: those of a mapping that cannot be written, and that holds no page of its own, in memory or swapped
/// out (<c>Anonymous</c> and <c>Swap</c> in proc(5)). Neither the runtime nor the loader changes such a part once it is loaded: what the runtime patches, in its own memory or in its own library, can be written, and what
/// the loader has filled in is a page of its own.
/// </remarks>
internal static partial class AssemblyPages
{
    /// <summary>A part of the memory that shows an assembly or a library.</summary>
    internal delegate void PartFound(nuint from, nuint bytes);

    private const string Smaps = "/proc/self/smaps";
    private const int DontNeed = 4; // MADV_DONTNEED on all architectures that .NET runs on
    private const int BufferBytes = 16 * 1024; // a line has a path, which is no longer than 4,096 bytes (PATH_MAX)

    /// <summary>Takes them out. Does nothing where the kernel does not say what is mapped.</summary>
    public static void GiveBack()
    {
        if (!OperatingSystem.IsLinux())
            return;
        try
        {
            using FileStream smaps = new(Smaps, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            Find(smaps, static (from, bytes) => _ = Advise(from, bytes, DontNeed)); // advice: where it is not taken nothing changes
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A process that was given rights of its own may not look at itself. The pages stay until the kernel wants them.
        }
    }

    /// <summary>Finds what can be taken out.</summary>
    /// <param name="smaps">As proc(5) has it. Read in bytes: as texts its lines would be a megabyte of garbage, which stays.</param>
    /// <param name="found">Told each part.</param>
    internal static void Find(Stream smaps, PartFound found)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        int held = 0;
        (nuint From, nuint Bytes) part = default;
        while (held < buffer.Length && smaps.Read(buffer, held, buffer.Length - held) is > 0 and int read)
        {
            held += read;
            ReadOnlySpan<byte> rest = buffer.AsSpan(0, held);
            for (int end = rest.IndexOf((byte)'\n'); end >= 0; end = rest.IndexOf((byte)'\n'))
            {
                ReadLine(rest[..end], ref part, found);
                rest = rest[(end + 1)..];
            }

            rest.CopyTo(buffer);
            held = rest.Length;
        }

        ArrayPool<byte>.Shared.Return(buffer);
    }

    // 7f0e44060000-7f0e44bac000 r-xp 00000000 fe:00 1234    /usr/share/dotnet/.../System.Private.CoreLib.dll
    // Rss:                6640 kB
    // Anonymous:             0 kB
    // Swap:                  0 kB
    private static void ReadLine(ReadOnlySpan<byte> line, ref (nuint From, nuint Bytes) part, PartFound found)
    {
        if (line.StartsWith("Anonymous:"u8))
        {
            if (!IsNone(line["Anonymous:".Length..]))
                part = default;
            return;
        }

        if (line.StartsWith("Swap:"u8))
        {
            if (part.Bytes != 0 && IsNone(line["Swap:".Length..]))
                found(part.From, part.Bytes);
            part = default;
            return;
        }

        if (!Utf8Parser.TryParse(line, out ulong from, out int digits, 'x') || digits >= line.Length || line[digits] != '-'
            || !Utf8Parser.TryParse(line[(digits + 1)..], out ulong to, out int more, 'x'))
            return;
        bool isReadOnly = line[(digits + 1 + more)..].StartsWith(" r-"u8);
        part = isReadOnly && IsCode(line[(line.LastIndexOf((byte)'/') + 1)..]) ? ((nuint)from, (nuint)(to - from)) : default;
    }

    // libclrjit.so, libstdc++.so.6.0.30
    private static bool IsCode(ReadOnlySpan<byte> name)
    {
        if (name.EndsWith(".dll"u8) || name.EndsWith(".so"u8))
            return true;
        int version = name.IndexOf(".so."u8);
        return version >= 0 && name[(version + ".so."u8.Length)..].TrimEnd(".0123456789"u8).IsEmpty;
    }

    private static bool IsNone(ReadOnlySpan<byte> size) => size.TrimStart((byte)' ').SequenceEqual("0 kB"u8);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nuint from, nuint bytes, int advice);
}
