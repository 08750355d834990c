using System;
using System.Device.Wifi;
using System.Threading;
using nanoFramework.Networking;

namespace DeviceMqtt.Device.Esp32
{
    /// <summary>
    /// The way into the network. Called at the beginning of each connection attempt, whose pauses are those of the MQTT link; the driver
    /// connects again by itself, so most of the time there is nothing to do here but to look. Every call of ConnectDhcp writes the network's
    /// name and password to flash, so it is made only when looking has not helped.
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
        private int _failures;

        /// <param name="ssid">Name of the network; empty for the one that is stored on the board.</param>
        /// <param name="password">Its password.</param>
        internal WifiLink(string ssid, string password)
        {
            _ssid = ssid;
            _password = password;
        }

        /// <summary>Waits for the network. Blocks.</summary>
        /// <exception cref="InvalidOperationException">It is not in reach; the message has the helper's status.</exception>
        internal void Ensure()
        {
            // Looked for first: after a restart the driver has connected with what is stored, or is about to.
            bool isUp = Look() || (_ssid.Length > 0 && _failures % AttemptsPerConnect == 0 && Connect());
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
            return isUp;
        }

        private bool Connect()
        {
            CancellationTokenSource timeout = new CancellationTokenSource(ConnectMs);
            bool isUp = WifiNetworkHelper.ConnectDhcp(_ssid, _password, WifiReconnectionKind.Automatic, false, 0, timeout.Token);
            timeout.Dispose();
            return isUp;
        }
    }
}
