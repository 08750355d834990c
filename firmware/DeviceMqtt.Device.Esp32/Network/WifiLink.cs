using System;
using System.Device.Wifi;
using System.Net.NetworkInformation;
using System.Text;
using System.Threading;
using nanoFramework.Networking;

namespace DeviceMqtt.Device.Esp32
{
    /// <summary>
    /// The way into the network. Called at the beginning of each connection attempt, whose pauses are those of the MQTT link; the driver
    /// connects again by itself, so most of the time there is nothing to do here but to look. Every call of ConnectDhcp writes the network's
    /// name and password to flash, so it is made only when looking has not helped, or when the settings say another network than what is stored. Which
    /// password is stored cannot be asked for: a mark in flash says what was applied last. Each call of the helper makes an adapter, which the runtime keeps until
    /// it is disposed: in a long outage those would be all of the memory.
    /// </summary>
    internal sealed class WifiLink
    {
        // The driver reconnects within some seconds when the network is in reach.
        private const int LookMs = 10_000;
        private const int ConnectMs = 30_000;

        // With the longest pause between attempts (a minute) that is a write to flash every ten minutes while the network is away.
        private const int AttemptsPerConnect = 10;

        private readonly string _ssid;
        private readonly string _password;
        private readonly IFlashFiles _files;
        private bool _isTried;
        private int _failures;

        /// <param name="ssid">Name of the network; empty for the one that is stored on the board.</param>
        /// <param name="password">Its password.</param>
        /// <param name="files">Where the mark is.</param>
        internal WifiLink(string ssid, string password, IFlashFiles files)
        {
            _ssid = ssid;
            _password = password;
            _files = files;
        }

        /// <summary>Waits for the network. Blocks.</summary>
        /// <exception cref="InvalidOperationException">It is not in reach; the message has the helper's status.</exception>
        internal void Ensure()
        {
            // Looked for first: after a restart the driver has connected with what is stored, or is about to. Other settings than those are applied once in
            // each boot, until that has worked. They take the place of what was stored.
            bool mayConnect = _ssid.Length > 0 && _failures % AttemptsPerConnect == 0;
            bool isFirst = !_isTried;
            _isTried = true; // before the look at what is stored, which may fail: that costs one attempt
            bool isNew = mayConnect && isFirst && !IsApplied();
            bool isUp = isNew && Connect();
            isUp = isUp || Look() || (mayConnect && !isNew && Connect());
            _failures = isUp ? 0 : _failures + 1;
            if (!isUp)
            {
                throw new InvalidOperationException(string.Concat("Wi-Fi ", ((int)WifiNetworkHelper.Status).ToString()));
            }
        }

        private static bool Look()
        {
            CancellationTokenSource timeout = new CancellationTokenSource(LookMs);
            bool isUp = WifiNetworkHelper.Reconnect(false, 0, timeout.Token);
            timeout.Dispose();
            ReleaseAdapter();
            return isUp;
        }

        // The driver goes on without it.
        private static void ReleaseAdapter()
        {
            WifiNetworkHelper.WifiAdapter?.Dispose();
        }

        private bool Connect()
        {
            CancellationTokenSource timeout = new CancellationTokenSource(ConnectMs);
            bool isUp = WifiNetworkHelper.ConnectDhcp(_ssid, _password, WifiReconnectionKind.Automatic, false, 0, timeout.Token);
            timeout.Dispose();
            ReleaseAdapter();
            if (isUp && !IsMarked())
            {
                // If the flash fails it is applied again at the next start: a write more, and nothing lost.
                _files.TryWrite(FlashFileName.WifiMark, Mark());
            }

            return isUp;
        }

        private bool IsApplied()
        {
            Wireless80211Configuration[] stored = Wireless80211Configuration.GetAllWireless80211Configurations();
            return stored.Length > 0 && (stored[0].Ssid ?? "") == _ssid && IsMarked();
        }

        private bool IsMarked()
        {
            byte[] mark = Mark();
            byte[]? before = _files.Read(FlashFileName.WifiMark, mark.Length);
            return before != null && Content.AreEqual(before, mark);
        }

        /// <summary>CRC-32 of name and password, low byte first. No part of a secret: the password itself lies in the settings, in the same flash.</summary>
        private byte[] Mark()
        {
            return Content.Mark(Encoding.UTF8.GetBytes(string.Concat(_ssid, "\n", _password)));
        }
    }
}
