using System.Globalization;
using System.Text;

namespace DeviceMqtt.Protocol.Tests;

/// <summary>
/// Packets written as a person would on paper: <c>30 : &lt;a/b&gt; 'hi'</c>. Hexadecimal bytes stand as they are, <c>'text'</c> is its UTF-8,
/// <c>&lt;text&gt;</c> a UTF-8 Encoded String (length, then text), and <c>:</c> the Remaining Length of everything behind it.
/// </summary>
internal static class Bytes
{
    public static byte[] Of(string notation)
    {
        int colon = notation.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
            return Parse(notation);
        byte[] first = Parse(notation[..colon]);
        byte[] body = Parse(notation[(colon + 1)..]);
        byte[] length = new byte[VariableByteInteger.GetLength(body.Length)];
        _ = VariableByteInteger.Write(length, body.Length);
        return [.. first, .. length, .. body];
    }

    public static string Hex(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        foreach (byte value in bytes)
            text.Append(CultureInfo.InvariantCulture, $"{value:X2} ");
        return text.ToString().TrimEnd();
    }

    private static byte[] Parse(string notation)
    {
        var bytes = new List<byte>();
        for (int index = 0; index < notation.Length; index++)
        {
            char next = notation[index];
            if (next == ' ')
                continue;
            if (next is '\'' or '<')
            {
                int end = notation.IndexOf(next == '<' ? '>' : '\'', index + 1);
                byte[] text = Encoding.UTF8.GetBytes(notation[(index + 1)..end]);
                if (next == '<')
                    bytes.AddRange([(byte)(text.Length >> 8), (byte)text.Length]);
                bytes.AddRange(text);
                index = end;
                continue;
            }

            bytes.Add(byte.Parse(notation.AsSpan(index, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
            index++;
        }

        return [.. bytes];
    }
}
