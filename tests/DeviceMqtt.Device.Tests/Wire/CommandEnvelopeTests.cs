using System.Text;
using DeviceMqtt.Wire;
using nanoFramework.TestFramework;

namespace DeviceMqtt.Device.Tests
{
    [TestClass]
    public sealed class CommandEnvelopeTests
    {
        [TestMethod]
        public void Envelope_OfTheDesign_IsRead()
        {
            CommandEnvelope envelope = new CommandEnvelope();
            Assert.IsTrue(Read(envelope, "{\"id\":\"k7f3\",\"cmd\":\"relay.set\",\"args\":{\"on\":true},\"from\":\"GID_app@@@pi\",\"exp\":1795210817}"));

            Assert.AreEqual("k7f3", envelope.Id);
            Assert.AreEqual("relay.set", envelope.Command);
            Assert.AreEqual("GID_app@@@pi", envelope.From);
            Assert.IsTrue(envelope.ExpirySeconds == 1795210817);
            FlatJsonReader arguments = new FlatJsonReader();
            bool isOn;
            envelope.StartArguments(arguments);
            Assert.IsTrue(arguments.Read() && arguments.NameIs("on") && arguments.TryGetBoolean(out isOn) && isOn);
        }

        [TestMethod]
        public void Envelope_Written_IsTheOneOfTheDesign()
        {
            FlatJsonWriter writer = new FlatJsonWriter(WireLimits.CommandBytesMax);
            Assert.IsTrue(CommandEnvelope.Write(writer, "k7f3", "relay.set", Encoding.UTF8.GetBytes("{\"on\":true}"), "GID_app@@@pi", 1795210817));

            Assert.AreEqual(
                "{\"id\":\"k7f3\",\"cmd\":\"relay.set\",\"args\":{\"on\":true},\"from\":\"GID_app@@@pi\",\"exp\":1795210817}",
                Encoding.UTF8.GetString(writer.Buffer, 0, writer.Length));
        }

        [TestMethod]
        public void Envelope_OfASenderWithoutAClock_SaysForHowLongItIsGood()
        {
            FlatJsonWriter writer = new FlatJsonWriter(WireLimits.CommandBytesMax);
            Assert.IsTrue(CommandEnvelope.Write(writer, "k7f3", "ping", Encoding.UTF8.GetBytes(""), "GID_app@@@pi", 0, 60));

            Assert.AreEqual("{\"id\":\"k7f3\",\"cmd\":\"ping\",\"from\":\"GID_app@@@pi\",\"ttl\":60}", Encoding.UTF8.GetString(writer.Buffer, 0, writer.Length));
        }

        [TestMethod]
        public void Envelope_WithoutArgumentsAndExpiry_HasNone()
        {
            CommandEnvelope envelope = new CommandEnvelope();
            Assert.IsTrue(Read(envelope, "{\"id\":\"1\",\"cmd\":\"ping\",\"from\":\"op\",\"new\":[1]}"));

            FlatJsonReader arguments = new FlatJsonReader();
            envelope.StartArguments(arguments);
            Assert.IsFalse(arguments.Read());
            Assert.IsFalse(arguments.IsMalformed);
            Assert.IsTrue(envelope.ExpirySeconds == 0);
        }

        [TestMethod]
        [DataRow("{\"cmd\":\"ping\",\"from\":\"op\"}", "", "op")]
        [DataRow("{\"id\":\"1\",\"from\":\"op\"}", "1", "op")]
        [DataRow("{\"id\":\"1\",\"cmd\":\"ping\"}", "1", "")]
        [DataRow("{\"id\":true,\"cmd\":\"ping\",\"from\":\"op\"}", "", "op")]
        [DataRow("{\"id\":\"\",\"cmd\":\"ping\",\"from\":\"op\"}", "", "op")]
        [DataRow("{\"id\":\"a\\u0000b\",\"cmd\":\"ping\",\"from\":\"op\"}", "", "op")]
        [DataRow("{\"id\":\"1\",\"id\":\"1\",\"cmd\":\"ping\",\"from\":\"op\"}", "", "op")]
        [DataRow("{\"id\":\"1\",\"cmd\":\"pi\\u0000ng\",\"from\":\"op\"}", "1", "op")]
        [DataRow("{\"id\":\"1\",\"cmd\":\"ping\",\"from\":\"op\",\"ttl\":0}", "1", "op")]
        [DataRow("{\"id\":\"1\",\"cmd\":\"ping\",\"from\":\"op\",\"exp\":1795210817000}", "1", "op")]
        [DataRow("{\"id\":\"1\",\"cmd\":\"ping\",\"from\":\"op\",\"exp\":1795210817000.5}", "1", "op")]
        [DataRow("{\"id\":\"1\",\"cmd\":\"ping\",\"from\":\"op\",\"ttl\":5,\"ttl\":5}", "1", "op")]
        [DataRow("{\"id\":\"1\",\"cmd\":true,\"from\":\"op\"}", "1", "op")]
        [DataRow("{\"id\":\"1\",\"cmd\":\"ping\",\"from\":\"a/b\"}", "1", "")]
        [DataRow("{\"id\":\"1\",\"cmd\":\"ping\",\"from\":\"#\"}", "1", "")]
        [DataRow("{\"id\":\"1\",\"cmd\":\"ping\",\"from\":\"op\",\"exp\":-1}", "1", "op")]
        [DataRow("{\"id\":\"1\",\"cmd\":\"ping\",\"from\":\"op\",\"exp\":\"1\"}", "1", "op")]
        [DataRow("{\"id\":\"1\",\"cmd\":\"ping\",\"from\":\"op\",\"exp\":5,\"exp\":6}", "1", "op")]
        [DataRow("{\"id\":\"1\",\"cmd\":\"ping\",\"from\":\"op\",\"args\":1}", "1", "op")]
        [DataRow("{\"id\":\"1\",\"cmd\":\"ping\",\"cmd\":\"ping\",\"from\":\"op\"}", "1", "op")]
        [DataRow("{\"id\":\"1\",\"cmd\":\"ping\",\"from\":\"op\"", "", "")]
        [DataRow("nonsense", "", "")]
        public void Envelope_Wrong_IsRefusedWithWhatIsKnownOfItsSender(string json, string id, string from)
        {
            CommandEnvelope envelope = new CommandEnvelope();
            Assert.IsFalse(Read(envelope, json));

            Assert.AreEqual(id, envelope.Id);
            Assert.AreEqual(from, envelope.From);
        }

        [TestMethod]
        [DataRow("7", "7")]
        [DataRow("-12", "-12")]
        [DataRow("1.5e3", "1.5e3")]
        [DataRow("9007199254740993", "9007199254740993")]
        public void Envelope_NumericId_IsTakenAsItIsWritten(string number, string id)
        {
            CommandEnvelope envelope = new CommandEnvelope();
            Assert.IsTrue(Read(envelope, string.Concat("{\"id\":", number, ",\"cmd\":\"ping\",\"from\":\"op\"}")));

            Assert.AreEqual(id, envelope.Id);
            Assert.AreEqual(number.Length, envelope.IdLength);
        }

        [TestMethod]
        [DataRow("60", 60)]
        [DataRow("0.2", 1)]
        [DataRow("1.5", 2)]
        public void Envelope_TimeToLive_IsInWholeSeconds(string number, int seconds)
        {
            CommandEnvelope envelope = new CommandEnvelope();
            Assert.IsTrue(Read(envelope, string.Concat("{\"id\":1,\"cmd\":\"ping\",\"from\":\"op\",\"exp\":1795210817.4,\"ttl\":", number, "}")));

            Assert.IsTrue(envelope.TimeToLiveSeconds == seconds);
            Assert.IsTrue(envelope.ExpirySeconds == 1795210818);
        }

        [TestMethod]
        public void Answer_IdAsInTheCommand_IsReadBack()
        {
            byte[] command = Encoding.UTF8.GetBytes("{\"id\":17}");
            FlatJsonWriter writer = new FlatJsonWriter(WireLimits.CommandBytesMax);
            CommandAnswer.Begin(writer, command, 6, 2, CommandStatus.Error, (int)CommandErrorCode.IdReused);
            Assert.IsTrue(writer.End());

            CommandAnswer answer = new CommandAnswer();
            Assert.IsTrue(answer.TryRead(writer.Buffer, 0, writer.Length));
            Assert.AreEqual("17", answer.Id);
            Assert.AreEqual(CommandErrorText.Of(7), answer.Reason);
            CommandAnswer.Begin(writer, command, 0, 0, CommandStatus.Error, (int)CommandErrorCode.BadId);
            writer.End();
            Assert.IsTrue(answer.TryRead(writer.Buffer, 0, writer.Length));
            Assert.AreEqual("", answer.Id);
        }

        [TestMethod]
        public void Envelope_TooLong_IsRefusedAndItsSenderIsKnown()
        {
            CommandEnvelope envelope = new CommandEnvelope();
            Assert.IsFalse(Read(envelope, string.Concat("{\"id\":\"1\",\"cmd\":\"ping\",\"x\":\"", new string('x', 10000), "\",\"from\":\"op\"}")));

            Assert.AreEqual("1", envelope.Id);
            Assert.AreEqual("op", envelope.From);
        }

        [TestMethod]
        public void Envelope_ReadAfterAnother_HasNothingOfIt()
        {
            CommandEnvelope envelope = new CommandEnvelope();
            Read(envelope, "{\"id\":\"1\",\"cmd\":\"ping\",\"from\":\"op\",\"exp\":5,\"args\":{\"a\":1}}");

            Assert.IsTrue(Read(envelope, "{\"id\":\"2\",\"cmd\":\"pong\",\"from\":\"oq\"}"));
            Assert.AreEqual(0, envelope.ArgumentsLength);
            Assert.IsTrue(envelope.ExpirySeconds == 0);
        }

        [TestMethod]
        public void Answer_Written_IsReadBack()
        {
            FlatJsonWriter writer = new FlatJsonWriter(WireLimits.CommandBytesMax);
            CommandAnswer.Begin(writer, "k7f3", CommandStatus.Ok, 0);
            writer.BeginObject(CommandField.Result);
            writer.Add("on", true);
            writer.EndObject();
            Assert.IsTrue(writer.End());
            Assert.AreEqual("{\"id\":\"k7f3\",\"st\":\"ok\",\"code\":0,\"res\":{\"on\":true}}", Encoding.UTF8.GetString(writer.Buffer, 0, writer.Length));

            CommandAnswer answer = new CommandAnswer();
            Assert.IsTrue(answer.TryRead(writer.Buffer, 0, writer.Length));
            Assert.AreEqual("k7f3", answer.Id);
            Assert.AreEqual(CommandStatus.Ok, answer.Status);
            Assert.IsTrue(answer.Code == 0);
            Assert.AreEqual(11, answer.ResultLength);
        }

        [TestMethod]
        [DataRow("{\"id\":\"1\",\"st\":\"fine\"}")]
        [DataRow("{\"st\":\"ok\"}")]
        [DataRow("{\"id\":\"1\"}")]
        [DataRow("{\"id\":\"1\",\"st\":\"ok\",\"code\":1.5}")]
        [DataRow("{\"id\":\"1\",\"st\":\"ok\",\"res\":3}")]
        [DataRow("{\"id\":\"1\",\"st\":\"ok\"")]
        [DataRow("{\"id\":\"1\",\"cmd\":\"ping\",\"from\":\"op\"}")]
        public void Answer_Wrong_IsRefused(string json)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(json);

            Assert.IsFalse(new CommandAnswer().TryRead(bytes, 0, bytes.Length));
        }

        [TestMethod]
        public void Receipt_Written_HasIdAndReasonOnlyIfThereAreAny()
        {
            FlatJsonWriter writer = new FlatJsonWriter(WireLimits.CommandBytesMax);
            Assert.IsTrue(Receipt.Write(writer, Receipt.Queued, "kitchen", "", "", ""));
            Assert.AreEqual("{\"st\":\"queued\",\"to\":\"kitchen\"}", Encoding.UTF8.GetString(writer.Buffer, 0, writer.Length));
            Assert.IsTrue(Receipt.Write(writer, Receipt.Dropped, "kitchen", "k7f3", "unknown", ""));
            Assert.AreEqual("{\"st\":\"dropped\",\"to\":\"kitchen\",\"id\":\"k7f3\",\"why\":\"unknown\"}", Encoding.UTF8.GetString(writer.Buffer, 0, writer.Length));
            Assert.IsTrue(Receipt.Write(writer, Receipt.Relayed, "far", "k7f4", "", "hq"));
            Assert.AreEqual("{\"st\":\"relayed\",\"to\":\"far\",\"id\":\"k7f4\",\"upstream\":\"hq\"}", Encoding.UTF8.GetString(writer.Buffer, 0, writer.Length));
            Assert.IsTrue(Receipt.Write(writer, Receipt.Delivered, "kitchen", "k7f5", "", "", "gw-hall-1"));
            Assert.AreEqual("{\"st\":\"delivered\",\"to\":\"kitchen\",\"id\":\"k7f5\",\"gateway\":\"gw-hall-1\"}", Encoding.UTF8.GetString(writer.Buffer, 0, writer.Length));
        }

        [TestMethod]
        public void GatewayPresence_Written_IsTheOneOfTheDesign()
        {
            FlatJsonWriter writer = new FlatJsonWriter(WireLimits.CommandBytesMax);
            Assert.IsTrue(GatewayPresence.Write(writer, true, 1795210757, "connected", 7, "", 0));

            Assert.AreEqual("{\"online\":true,\"since\":1795210757,\"reason\":\"connected\",\"conn\":7}", Encoding.UTF8.GetString(writer.Buffer, 0, writer.Length));
        }

        private static bool Read(CommandEnvelope envelope, string json)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(json);
            return envelope.TryRead(bytes, 0, bytes.Length);
        }
    }
}
