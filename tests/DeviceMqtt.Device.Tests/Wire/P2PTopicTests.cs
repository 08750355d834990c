using DeviceMqtt.Wire;
using nanoFramework.TestFramework;

namespace DeviceMqtt.Device.Tests
{
    [TestClass]
    public sealed class P2PTopicTests
    {
        [TestMethod]
        [DataRow("dm/p2p/kitchen", "dm", "kitchen")]
        [DataRow("dm/p2p/GID_a@@@kitchen", "dm", "GID_a@@@kitchen")]
        [DataRow("/p2p/kitchen", "", "kitchen")]
        [DataRow("p2p/p2p/p2p", "p2p", "p2p")]
        [DataRow("a/p2p/p2p2", "a", "p2p2")]
        public void TopicName_P2PIsTheSecondLevelOfThree_NamesItsTarget(string topic, string parent, string clientId)
        {
            string foundParent;
            string foundClientId;

            Assert.IsTrue(P2PTopic.TryParse(topic, out foundParent, out foundClientId));

            Assert.AreEqual(parent, foundParent);
            Assert.AreEqual(clientId, foundClientId);
            Assert.AreEqual(topic, P2PTopic.Build(parent, clientId));
        }

        [TestMethod]
        [DataRow("")]
        [DataRow("dm")]
        [DataRow("dm/p2p")]
        [DataRow("dm/p2p/")]
        [DataRow("dm/p2p/kitchen/x")]
        [DataRow("dm/p2p/kitchen/")]
        [DataRow("dm/p2p//")]
        [DataRow("dm/x/p2p/kitchen")]
        [DataRow("dm/P2P/kitchen")]
        [DataRow("dm/p2p2/kitchen")]
        [DataRow("dm/xp2p/kitchen")]
        [DataRow("p2p/kitchen")]
        [DataRow("dm//p2p/kitchen")]
        public void TopicName_AnythingElse_IsAnOrdinaryTopic(string topic)
        {
            string parent;
            string clientId;

            Assert.IsFalse(P2PTopic.TryParse(topic, out parent, out clientId));

            Assert.AreEqual("", parent);
            Assert.AreEqual("", clientId);
        }
    }
}
