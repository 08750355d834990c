namespace DeviceMqtt.Wire
{
    /// <summary>
    /// The commands every board of ours knows. A birth that has no room for them says <c>"std":1</c> instead: then they are these.
    /// </summary>
    public static class StandardCommands
    {
        private static readonly string[] Items = new string[]
        {
            "ping",
            "info",
            "reboot! after?:i0..60[s]=1",
            "gpio.get pin:i0..39",
            "gpio.set! pin:i0..39 on:b",
            "gpio.pulse! pin:i0..39 hold?:i1..60000[ms]=500",
            "interval.set~ stream:s1..32 every:n0.5..86400[s]",
            "log.level~ level:e(off|error|info|debug)",
            "time.set t:n",
        };

        /// <summary>How many there are.</summary>
        public static int Count => Items.Length;

        /// <summary>One of them, as an item of <c>cmd</c>.</summary>
        public static string ItemAt(int index)
        {
            return Items[index];
        }

        /// <summary>The name of one of them.</summary>
        public static string NameAt(int index)
        {
            string item = Items[index];
            int end = 0;
            while (end < item.Length && item[end] != ' ' && item[end] != '!' && item[end] != '~')
            {
                end++;
            }

            return item.Substring(0, end);
        }
    }
}
