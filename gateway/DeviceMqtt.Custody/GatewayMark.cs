using System.Text;
using DeviceMqtt.Journal;

namespace DeviceMqtt.Custody;

/// <summary>
/// The file in the folder of a journal that has the gateway's number, made by chance: two gateways may have one Client Identifier, as two machines of one name have, and a message says through
/// which of them it came. It is not in a backup: a gateway made from one is another.
/// </summary>
internal static class GatewayMark
{
    public const string FileName = "gateway";

    private const int Bytes = 16; // hexadecimal digits: 64 bits do not meet by chance

    /// <summary>The number in the folder; the one given, on the disk when it returns, where there is none or it cannot be what was written.</summary>
    /// <param name="storage">The folder, which nobody else has open.</param>
    /// <param name="otherwise">16 hexadecimal digits.</param>
    /// <exception cref="IOException">It cannot be read or written.</exception>
    public static string FindOrWrite(IJournalStorage storage, string otherwise)
    {
        if (storage.List().Contains(FileName) && Read(storage) is { } known)
            return known;
        MarkFile.Write(storage, FileName, Encoding.ASCII.GetBytes(otherwise));
        return otherwise;
    }

    private static string? Read(IJournalStorage storage)
    {
        using IJournalFile file = storage.Open(FileName);
        byte[] bytes = new byte[Bytes];
        if (file.Length != Bytes || file.Read(0, bytes) < Bytes)
            return null;
        string text = Encoding.ASCII.GetString(bytes);
        return text.All(char.IsAsciiHexDigitLower) ? text : null;
    }
}
