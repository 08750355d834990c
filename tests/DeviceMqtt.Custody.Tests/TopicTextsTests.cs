using System.Text;
using DeviceMqtt.Custody.Records;

namespace DeviceMqtt.Custody.Tests;

/// <summary>A Topic Name that was read before needs no text of its own, and no message gets that of another.</summary>
[TestClass]
public sealed class TopicTextsTests
{
    [TestMethod]
    public void Get_ManyTopicsInTurn_EachItsOwn()
    {
        TopicTexts texts = new();
        for (int round = 0; round < 3; round++)
            for (int i = 0; i < 2_000; i++)
            {
                string topic = $"house/{i}/tele";
                (byte[] utf8, string text) = texts.Get(Encoding.UTF8.GetBytes(topic));
                Assert.AreEqual(topic, text);
                CollectionAssert.AreEqual(Encoding.UTF8.GetBytes(topic), utf8);
            }
    }

    [TestMethod]
    public void Get_TheSameAgain_TheSameObjects()
    {
        TopicTexts texts = new();
        (byte[] utf8, string text) = texts.Get("house/kitchen"u8);

        (byte[] again, string textAgain) = texts.Get("house/kitchen"u8);

        Assert.AreSame(utf8, again);
        Assert.AreSame(text, textAgain);
    }

    [TestMethod]
    public void Get_LongTopic_IsNotKept()
    {
        TopicTexts texts = new();
        byte[] topic = Encoding.UTF8.GetBytes(new string('t', 60_000));

        Assert.AreNotSame(texts.Get(topic).Text, texts.Get(topic).Text);
        Assert.AreEqual(60_000, texts.Get(topic).Text.Length);
    }
}
