namespace DeviceMqtt.Protocol.Tests.Text;

/// <summary>Eight bytes at once, or sixteen, see what one byte after the other sees.</summary>
[TestClass]
public sealed class PlainTextTests
{
    private const int LengthMax = 70;

    [TestMethod]
    public void Text_EachByteAtEachPlace_PlainWhereEachByteIs()
    {
        for (int length = 1; length <= LengthMax; length++)
        {
            byte[] text = new byte[length];
            for (int place = 0; place < length; place++)
            {
                // Neighbours that a borrow, or the bits of a wildcard, could run into.
                foreach (byte others in "a\u0001\"$*,\u007f"u8)
                {
                    Array.Fill(text, others);
                    for (int value = 0; value <= byte.MaxValue; value++)
                    {
                        text[place] = (byte)value;
                        Assert.AreEqual(value is not (0 or '#' or '+' or >= 0x80), PlainText.IsPlain(text), $"{value} at {place} of {length}, among {others}");
                    }
                }
            }
        }
    }
}
