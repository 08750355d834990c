using DeviceMqtt.Wire;
using nanoFramework.TestFramework;

namespace DeviceMqtt.Device.Tests
{
    [TestClass]
    public sealed class TopicTests
    {
        [TestMethod]
        public void DeviceTopics_Built_AreParsedBack()
        {
            AssertTopic("dm/kitchen/info", DeviceTopic.BuildInfo("dm", "kitchen"), DeviceTopicKind.Info, "");
            AssertTopic("dm/kitchen/tele/climate", DeviceTopic.BuildTelemetry("dm", "kitchen", "climate"), DeviceTopicKind.Telemetry, "climate");
            AssertTopic("dm/kitchen/evt/button", DeviceTopic.BuildEvent("dm", "kitchen", "button"), DeviceTopicKind.Event, "button");
        }

        [TestMethod]
        [DataRow("")]
        [DataRow("dm")]
        [DataRow("dm/kitchen")]
        [DataRow("dm/kitchen/")]
        [DataRow("/kitchen/info")]
        [DataRow("dm//info")]
        [DataRow("dm/kitchen/info/x")]
        [DataRow("dm/kitchen/tele")]
        [DataRow("dm/kitchen/tele/")]
        [DataRow("dm/kitchen/tele/a/b")]
        [DataRow("dm/kitchen/evt/+")]
        [DataRow("dm/kitchen/INFO")]
        [DataRow("x/dm/kitchen/info")]
        public void TopicName_NotOfADevice_IsNotParsed(string topic)
        {
            Assert.IsNull(DeviceTopic.Parse(topic));
        }

        [TestMethod]
        public void Presence_OfDeviceAndGateway_AreParsedBack()
        {
            string clientId;

            Assert.AreEqual("presence/a", PresenceTopic.Build("a"));
            Assert.IsTrue(PresenceTopic.TryParse("presence/a/b", out clientId));
            Assert.AreEqual("a/b", clientId);
            Assert.IsFalse(PresenceTopic.TryParse("presence/", out _));
            Assert.IsFalse(PresenceTopic.TryParse("presences/a", out _));
            Assert.AreEqual("$gw/presence/a", PresenceTopic.BuildGateway("a"));
            Assert.IsTrue(PresenceTopic.TryParseGateway("$gw/presence/a", out clientId));
            Assert.AreEqual("a", clientId);
            Assert.IsFalse(PresenceTopic.TryParseGateway("presence/a", out _));
        }

        [TestMethod]
        public void Receipt_Topic_IsParsedBack()
        {
            string sender;

            Assert.AreEqual("$gw/receipt/op", ReceiptTopic.Build("op"));
            Assert.IsTrue(ReceiptTopic.TryParse("$gw/receipt/op", out sender));
            Assert.AreEqual("op", sender);
            Assert.IsFalse(ReceiptTopic.TryParse("$gw/receipt/", out _));
        }

        [TestMethod]
        [DataRow("kitchen", true, true)]
        [DataRow("GID_a@@@kitchen", true, true)]
        [DataRow("a b", true, true)]
        [DataRow("küche", true, true)]
        [DataRow("a/b", true, false)]
        [DataRow("", false, false)]
        [DataRow("p2p", false, false)]
        [DataRow("a+b", false, false)]
        [DataRow("#", false, false)]
        [DataRow("a\u001fb", false, false)]
        [DataRow("a\u007fb", false, false)]
        [DataRow("a\u009fb", false, false)]
        public void ClientId_Rules(string clientId, bool isAllowed, bool isAddressable)
        {
            Assert.AreEqual(isAllowed, ClientId.IsAllowed(clientId));
            Assert.AreEqual(isAddressable, ClientId.IsAddressable(clientId));
        }

        [TestMethod]
        [DataRow("GID_a@@@kitchen", "GID_a", "kitchen")]
        [DataRow("GID_a@@@k@@@b", "GID_a", "k@@@b")]
        [DataRow("GID_a@@@@k", "GID_a", "@k")]
        public void ClientId_WithGroup_IsSplitAtTheFirstSeparator(string clientId, string group, string device)
        {
            string foundGroup;
            string foundDevice;

            Assert.IsTrue(ClientId.TrySplitGroup(clientId, out foundGroup, out foundDevice));

            Assert.AreEqual(group, foundGroup);
            Assert.AreEqual(device, foundDevice);
        }

        [TestMethod]
        [DataRow("kitchen")]
        [DataRow("GID_@@@kitchen")]
        [DataRow("GID_a@@@")]
        [DataRow("GID_a@@kitchen")]
        [DataRow("gid_a@@@kitchen")]
        [DataRow("a@@@kitchen")]
        public void ClientId_WithoutGroup_IsNotSplit(string clientId)
        {
            string group;
            string device;

            Assert.IsFalse(ClientId.TrySplitGroup(clientId, out group, out device));

            Assert.AreEqual("", group);
            Assert.AreEqual("", device);
        }

        private static void AssertTopic(string expected, string built, DeviceTopicKind kind, string name)
        {
            DeviceTopic? parsed = DeviceTopic.Parse(built);

            Assert.AreEqual(expected, built);
            Assert.IsNotNull(parsed);
            Assert.AreEqual("dm", parsed!.Prefix);
            Assert.AreEqual("kitchen", parsed.Device);
            Assert.AreEqual(name, parsed.Name);
            Assert.IsTrue(parsed.Kind == kind);
        }
    }
}
