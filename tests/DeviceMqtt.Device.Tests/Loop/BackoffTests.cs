using nanoFramework.TestFramework;

namespace DeviceMqtt.Device.Tests
{
    [TestClass]
    public sealed class BackoffTests
    {
        [TestMethod]
        public void Pauses_Double_UpToTheLongest()
        {
            Backoff backoff = new Backoff(1000, 60000, 30000, 1);
            int ceiling = 1000;
            for (int i = 0; i < 20; i++)
            {
                int pause = backoff.NextMs();
                Assert.IsTrue(pause >= ceiling / 2 && pause <= ceiling, pause.ToString());
                ceiling = ceiling * 2 > 60000 ? 60000 : ceiling * 2;
            }
        }

        [TestMethod]
        public void Pauses_OfTwoBoards_Differ()
        {
            Backoff one = new Backoff(1000, 60000, 30000, 1);
            Backoff two = new Backoff(1000, 60000, 30000, 2);
            int same = 0;
            for (int i = 0; i < 20; i++)
            {
                same += one.NextMs() == two.NextMs() ? 1 : 0;
            }

            Assert.IsTrue(same < 5, same.ToString());
        }

        [TestMethod]
        public void Connection_ThatLasted_BeginsAnew()
        {
            Backoff backoff = new Backoff(1000, 60000, 30000, 1);
            for (int i = 0; i < 10; i++)
            {
                backoff.NextMs();
            }

            backoff.ConnectionEnded(30000);

            Assert.IsTrue(backoff.NextMs() <= 1000);
        }

        [TestMethod]
        public void Connection_ThatDidNotLast_ChangesNothing()
        {
            Backoff backoff = new Backoff(1000, 60000, 30000, 1);
            for (int i = 0; i < 10; i++)
            {
                backoff.NextMs();
            }

            backoff.ConnectionEnded(29999);

            Assert.IsTrue(backoff.NextMs() >= 30000);
        }
    }
}
