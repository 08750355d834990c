using System.Globalization;
using System.Text;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.TestSupport;

/// <summary>
/// Packets in exact bytes: hexadecimal as it stands, <c>&lt;text&gt;</c> a UTF-8 Encoded String (length, then text), <c>'text'</c> only
/// its bytes, and <c>:</c> the Remaining Length of all behind it.
/// </summary>
internal static class Packet
{
    public static byte[] Of(string notation)
    {
        string[] parts = notation.Split(':', 2);
        byte[] first = Parse(parts[0]);
        if (parts.Length == 1)
            return first;
        byte[] body = Parse(parts[1]);
        byte[] length = new byte[VariableByteInteger.GetLength(body.Length)];
        _ = VariableByteInteger.Write(length, body.Length);
        return [.. first, .. length, .. body];
    }

    private static byte[] Parse(string notation)
    {
        List<byte> bytes = [];
        for (int i = 0; i < notation.Length; i++)
        {
            switch (notation[i])
            {
                case ' ':
                    break;
                case '<':
                    byte[] text = TextUntil(notation, '>', ref i);
                    bytes.AddRange([(byte)(text.Length >> 8), (byte)text.Length, .. text]);
                    break;
                case '\'':
                    bytes.AddRange(TextUntil(notation, '\'', ref i));
                    break;
                default:
                    bytes.Add(byte.Parse(notation.AsSpan(i++, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
                    break;
            }
        }

        return [.. bytes];
    }

    private static byte[] TextUntil(string notation, char end, ref int at)
    {
        int start = at + 1;
        at = notation.IndexOf(end, start);
        return Encoding.UTF8.GetBytes(notation[start..at]);
    }
}
