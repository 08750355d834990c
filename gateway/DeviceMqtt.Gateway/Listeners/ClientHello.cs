using System.Buffers;

namespace DeviceMqtt.Gateway.Listeners;

/// <summary>
/// Whether the first message of a TLS client is whole (RFC 8446, section 4), over as many records as it has (section 5.1). Whoever begins to work a handshake
/// out before that waits for the client, and all others for it. Pure: bytes in, one of three outcomes out.
/// </summary>
internal static class ClientHello
{
    /// <summary>What <see cref="Look(in ReadOnlySequence{byte})"/> has found.</summary>
    internal enum Outcome : byte
    {
        /// <summary>It is not whole yet.</summary>
        NeedMore,

        /// <summary>It is here.</summary>
        Whole,

        /// <summary>These bytes are none, or it is longer than <see cref="BytesMax"/>.</summary>
        Malformed,
    }

    /// <summary>With the headers of its records. Chosen: with a key share of ML-KEM it has 2 KB, with a ticket that holds a certificate some more.</summary>
    public const int BytesMax = 16 * 1024;

    private const byte MessageType = 1; // client_hello, section 4
    private const int MessageHeaderBytes = 4; // type, and a length of three bytes
    private const int RecordBytesMax = 16 * 1024; // TLSPlaintext.length, section 5.1

    private const byte ChangeCipherSpec = 20; // a record of one byte that says nothing in TLS 1.3, sent for the boxes in between: RFC 8446 appendix D.4
    private const int ChangeCipherSpecBytes = 6;

    /// <summary>Looks at what a client has sent that was asked for another ClientHello.</summary>
    public static Outcome LookAtSecond(in ReadOnlySequence<byte> buffer)
    {
        if (buffer.IsEmpty || buffer.FirstSpan[0] != ChangeCipherSpec)
            return Look(buffer);
        return buffer.Length > ChangeCipherSpecBytes ? Look(buffer.Slice(ChangeCipherSpecBytes)) : Outcome.NeedMore;
    }

    /// <summary>Looks at the first bytes of a connection.</summary>
    /// <param name="buffer">All of them.</param>
    public static Outcome Look(in ReadOnlySequence<byte> buffer) => Look(buffer, out _);

    /// <inheritdoc cref="Look(in ReadOnlySequence{byte})"/>
    /// <param name="buffer">All of them.</param>
    /// <param name="wholeBytes">Of the records that it has, where it is whole.</param>
    public static Outcome Look(in ReadOnlySequence<byte> buffer, out long wholeBytes)
    {
        wholeBytes = 0;
        SequenceReader<byte> reader = new(buffer);
        int length = 0; // of the message, once its header is here
        int bytes = 0;  // of the message, that are here
        while (reader.TryRead(out byte contentType))
        {
            if (contentType != FirstBytes.Handshake)
                return Outcome.Malformed;
            if (!reader.TryReadBigEndian(out short _) || !reader.TryReadBigEndian(out short recordBytes))
                break;
            // An empty one says nothing, and is forbidden.
            if ((ushort)recordBytes is 0 or > RecordBytesMax)
                return Outcome.Malformed;
            for (int left = (ushort)recordBytes; left > 0;)
            {
                if (bytes < MessageHeaderBytes)
                {
                    if (!reader.TryRead(out byte next))
                        break;
                    if (bytes == 0 && next != MessageType)
                        return Outcome.Malformed;
                    length = bytes == 0 ? 0 : (length << 8) | next;
                    bytes++;
                    left--;
                }
                else
                {
                    int here = (int)Math.Min(left, reader.Remaining);
                    reader.Advance(here);
                    bytes += here;
                    if (bytes - MessageHeaderBytes >= length)
                    {
                        wholeBytes = reader.Consumed;
                        return Outcome.Whole;
                    }

                    if (here < left)
                        break;
                    left = 0;
                }
            }
        }

        bool cannotBe = bytes >= MessageHeaderBytes && length is 0 or > BytesMax;
        return cannotBe || buffer.Length >= BytesMax ? Outcome.Malformed : Outcome.NeedMore;
    }
}
