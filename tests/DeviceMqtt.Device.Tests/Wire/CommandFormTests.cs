using DeviceMqtt.Wire;
using nanoFramework.TestFramework;

namespace DeviceMqtt.Device.Tests
{
    /// <summary>Commands as the birth describes them.</summary>
    [TestClass]
    public sealed class CommandFormTests
    {
        [TestMethod]
        [DataRow("ping", 0, 60)]
        [DataRow("relay.set!", 1, 60)]
        [DataRow("log.level~", 2, 604800)]
        public void Form_Class_IsItsMark(string text, int commandClass, int seconds)
        {
            CommandForm? form = CommandForm.Read(text);

            Assert.IsTrue(form != null && form.Class == (CommandClass)commandClass && form.TimeToLiveSeconds == seconds && form.IsUnderstood && form.ArgumentCount == 0);
        }

        [TestMethod]
        public void Form_OfTheDesign_IsUnderstood()
        {
            CommandForm form = Read("gpio.pulse! pin:i0..39 hold?:i1..60000[ms]=500");
            Assert.AreEqual("gpio.pulse", form.Name);
            Assert.AreEqual(2, form.ArgumentCount);
            CommandArgument hold = form.ArgumentAt(1);
            Assert.AreEqual("hold", hold.Name);
            Assert.IsTrue(hold.IsOptional && hold.Kind == CommandArgumentKind.Whole && hold.HasRange);
            Assert.AreEqual(1.0, hold.Min);
            Assert.AreEqual(60000.0, hold.Max);
            Assert.AreEqual("ms", hold.Unit);
            Assert.AreEqual("500", hold.Default);
            Assert.IsFalse(form.ArgumentAt(0).IsOptional);
        }

        [TestMethod]
        public void Form_ChoicesNumbersAndStates_AreUnderstood()
        {
            CommandForm form = Read("x~ stream:e(climate|health) every:n-0.5..3600.25[s] on?:b=true@relay.on text:s1..24 free:n");
            Assert.IsTrue(form.IsUnderstood);
            Assert.AreEqual(2, form.ArgumentAt(0).ChoiceCount);
            Assert.AreEqual("health", form.ArgumentAt(0).ChoiceAt(1));
            Assert.AreEqual(-0.5, form.ArgumentAt(1).Min);
            Assert.AreEqual(3600.25, form.ArgumentAt(1).Max);
            Assert.AreEqual("true", form.ArgumentAt(2).Default);
            Assert.AreEqual("relay.on", form.ArgumentAt(2).State);
            Assert.IsTrue(form.ArgumentAt(3).Kind == CommandArgumentKind.Text && form.ArgumentAt(3).Max == 24.0);
            Assert.IsFalse(form.ArgumentAt(4).HasRange);
        }

        [TestMethod]
        [DataRow("x on")]
        [DataRow("x on:")]
        [DataRow("x on:q")]
        [DataRow("x on:b ")]
        [DataRow("x  on:b")]
        [DataRow("x on:b on:b")]
        [DataRow("x on:i5..1")]
        [DataRow("x on:i5")]
        [DataRow("x on:i5.")]
        [DataRow("x on:i5..")]
        [DataRow("x on:i1..99999999999999999999")]
        [DataRow("x on:e()")]
        [DataRow("x on:e(a|)")]
        [DataRow("x on:e(a")]
        [DataRow("x on:i[")]
        [DataRow("x on:i[]")]
        [DataRow("x on:i=")]
        [DataRow("x on:b@")]
        [DataRow("x on:b@<script>")]
        [DataRow("x!!")]
        [DataRow("x a:b b:b c:b d:b e:b f:b g:b h:b i:b")]
        public void Form_NotUnderstood_IsACommandWithoutArguments(string text)
        {
            CommandForm form = Read(text);

            Assert.AreEqual("x", form.Name);
            Assert.IsFalse(form.IsUnderstood);
            Assert.AreEqual(0, form.ArgumentCount);
        }

        [TestMethod]
        [DataRow("")]
        [DataRow("!")]
        [DataRow(" x")]
        [DataRow("<b>")]
        [DataRow("a-name-of-more-than-thirty-two-characters")]
        public void Form_WithoutAUsableName_IsNone(string text)
        {
            Assert.IsNull(CommandForm.Read(text));
        }

        [TestMethod]
        public void Form_LongerThanTheBound_IsNone()
        {
            Assert.IsNull(CommandForm.Read(string.Concat("x a:b@", new string('y', WireLimits.CommandFormCharsMax))));
        }

        [TestMethod]
        public void StandardCommands_AreAllUnderstood()
        {
            for (int i = 0; i < StandardCommands.Count; i++)
            {
                CommandForm form = Read(StandardCommands.ItemAt(i));
                Assert.IsTrue(form.IsUnderstood, form.Name);
                Assert.AreEqual(form.Name, StandardCommands.NameAt(i));
            }
        }

        private static CommandForm Read(string text)
        {
            CommandForm? form = CommandForm.Read(text);
            Assert.IsNotNull(form);
            return form!;
        }
    }
}
