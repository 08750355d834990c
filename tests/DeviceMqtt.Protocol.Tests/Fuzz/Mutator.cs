namespace DeviceMqtt.Protocol.Tests;

/// <summary>Damages bytes in the ways that find mistakes in parsers, the same for the same seed.</summary>
internal sealed class Mutator(ulong seed)
{
    private static readonly byte[] Awkward = [0x00, 0x01, 0x02, 0x7F, 0x80, 0xC0, 0xFE, 0xFF, (byte)'#', (byte)'+', (byte)'/', (byte)'$'];

    private readonly Random _random = new(unchecked((int)(seed ^ seed >> 32)));

    public int Next(int max) => _random.Next(max);

    public T Pick<T>(IReadOnlyList<T> from) => from[_random.Next(from.Count)];

    public byte[] RandomBytes(int lengthMax)
    {
        byte[] bytes = new byte[_random.Next(lengthMax + 1)];
        _random.NextBytes(bytes);
        return bytes;
    }

    /// <summary>One to four damages; sometimes none, so that sound input stays in the mix.</summary>
    public byte[] Mutate(byte[] bytes, byte[] other)
    {
        var mutated = new List<byte>(bytes);
        for (int count = _random.Next(5); count > 0; count--)
            MutateOnce(mutated, other);
        return [.. mutated];
    }

    private void MutateOnce(List<byte> bytes, byte[] other)
    {
        int at = _random.Next(bytes.Count + 1);
        switch (_random.Next(8))
        {
            case 0 when at < bytes.Count:
                bytes[at] ^= (byte)(1 << _random.Next(8));
                break;
            case 1 when at < bytes.Count:
                bytes[at] = Pick(Awkward);
                break;
            case 2 when at < bytes.Count:
                bytes[at] += (byte)(_random.Next(2) == 0 ? 1 : -1);
                break;
            case 3:
                bytes.Insert(at, Pick(Awkward));
                break;
            case 4:
                bytes.RemoveRange(at, Math.Min(_random.Next(4), bytes.Count - at));
                break;
            case 5:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case 6 when other.Length > 0: // a piece of another packet
                int from = _random.Next(other.Length);
                bytes.InsertRange(at, other.AsSpan(from, Math.Min(_random.Next(1, 12), other.Length - from)).ToArray());
                break;
            default: // a piece again
                bytes.InsertRange(at, [.. bytes.Skip(at).Take(_random.Next(1, 12))]);
                break;
        }
    }
}
