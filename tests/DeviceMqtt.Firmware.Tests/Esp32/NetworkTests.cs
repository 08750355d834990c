using System.Device.Wifi;
using DeviceMqtt.Device.Esp32;
using nanoFramework.Networking;

namespace DeviceMqtt.Firmware.Tests.Esp32;

/// <summary>The way into the network and to the time, on stand-ins that do what the runtime of an ESP32 does.</summary>
[TestClass]
[DoNotParallelize]
public sealed class NetworkTests
{
    private readonly FakeFlashFiles _files = new();

    [TestInitialize]
    public void Begin() => Unplug();

    [TestCleanup]
    public void Unplug()
    {
        WifiNetworkHelper.IsInReach = true;
        WifiNetworkHelper.PasswordInForce = null;
        WifiNetworkHelper.StoredSsid = "";
        WifiNetworkHelper.StoredPassword = "";
        Sntp.Reset();
    }

    [TestMethod]
    public void Wifi_Away_IsSaidAndWritesToFlashOnceInTenAttempts()
    {
        WifiNetworkHelper.IsInReach = false;
        int before = WifiNetworkHelper.ConfigurationWrites;
        WifiLink wifi = new("home", "secret", _files);
        for (int i = 0; i < 20; i++)
        {
            Assert.ThrowsExactly<InvalidOperationException>(wifi.Ensure);
        }

        Assert.AreEqual(before + 2, WifiNetworkHelper.ConfigurationWrites);
        WifiNetworkHelper.IsInReach = true;
        wifi.Ensure();
        Assert.AreEqual(before + 2, WifiNetworkHelper.ConfigurationWrites);
    }

    [TestMethod]
    public void Wifi_SettingsOfAnotherNetwork_AreAppliedWhileTheOldOneIsInReach()
    {
        new WifiLink("home", "secret", _files).Ensure();
        int before = WifiNetworkHelper.ConfigurationWrites;

        // A boot with the same settings, and one connection after the other in it, writes nothing.
        WifiLink same = new("home", "secret", _files);
        same.Ensure();
        same.Ensure();
        Assert.AreEqual(before, WifiNetworkHelper.ConfigurationWrites);

        new WifiLink("office", "changed", _files).Ensure();
        Assert.AreEqual("office changed", $"{WifiNetworkHelper.StoredSsid} {WifiNetworkHelper.StoredPassword}");
        Assert.AreEqual(before + 1, WifiNetworkHelper.ConfigurationWrites);
    }

    [TestMethod]
    public void Wifi_SettingsOfAnotherPassword_AreAppliedWhenTheOldOneIsRefused()
    {
        new WifiLink("home", "secret", _files).Ensure();
        // The helper leaves a board alone that is connected to a network of that name.
        WifiLink wifi = new("home", "changed", _files);
        wifi.Ensure();
        Assert.AreEqual("secret", WifiNetworkHelper.StoredPassword);

        WifiNetworkHelper.PasswordInForce = "changed";
        wifi.Ensure();

        Assert.AreEqual("changed", WifiNetworkHelper.StoredPassword);
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Wifi_ThousandsOfAttempts_LeaveNothingBehind(bool isInReach)
    {
        int before = WifiAdapter.Alive;
        WifiNetworkHelper.IsInReach = isInReach;
        WifiLink wifi = new("home", "secret", _files);
        for (int i = 0; i < 5_000; i++)
        {
            try
            {
                wifi.Ensure();
                Assert.IsTrue(isInReach);
            }
            catch (InvalidOperationException)
            {
                Assert.IsFalse(isInReach);
            }
        }

        Assert.AreEqual(before, WifiAdapter.Alive);
    }

    [TestMethod]
    public void Wifi_StoredAnewWithTheCable_IsThatOfTheSettingsAgainAtTheNextBoot()
    {
        new WifiLink("home", "secret", _files).Ensure();
        WifiNetworkHelper.StoredSsid = "workbench";

        new WifiLink("home", "secret", _files).Ensure();

        Assert.AreEqual("home", WifiNetworkHelper.StoredSsid);
    }

    [TestMethod]
    public void Wifi_WithoutASetting_IsTheStoredOne()
    {
        WifiNetworkHelper.StoredSsid = "workbench";

        new WifiLink("", "", _files).Ensure();

        Assert.AreEqual("workbench", WifiNetworkHelper.StoredSsid);
    }

    [TestMethod]
    public void Time_OfTheSettings_IsAskedInPlaceOfTheRuntimesOwn()
    {
        BoardClock clock = new("time.local");
        clock.Start();

        Assert.AreEqual("time.local", Sntp.Asked);
        Assert.IsTrue(Sntp.IsStarted);
    }

    [TestMethod]
    public void Time_RuntimeBeginsWithItsOwnBehindUs_IsThatOfTheSettingsAtTheNextAttempt()
    {
        BoardClock clock = new("time.local");
        clock.Start();
        Sntp.Reset();

        clock.Start();

        Assert.AreEqual("time.local", Sntp.Server1);
    }

    [TestMethod]
    public void Time_OnceItIsKnown_IsNotAskedForAtEachAttempt()
    {
        BoardClock clock = new("time.local");
        for (int i = 0; i < 100; i++)
        {
            clock.Start();
        }

        Assert.AreEqual(1, Sntp.Starts);
        Assert.AreEqual("time.local", Sntp.Server1);
    }

    [TestMethod]
    public void Time_WithoutAServer_IsAskedOfNobody()
    {
        BoardClock clock = new("");
        clock.Start();
        Assert.IsFalse(Sntp.IsStarted);

        // The network went away, and the runtime has begun again.
        Sntp.Reset();
        clock.Start();

        Assert.IsFalse(Sntp.IsStarted);
    }
}
