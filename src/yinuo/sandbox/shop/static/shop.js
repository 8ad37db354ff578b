(() => {
  'use strict';
  const $ = (id) => document.getElementById(id);
  const hub = document.body.dataset.hub;
  const yuan = (fen) => (fen / 100).toFixed(2);

  // Live stock: the hub's stream, and its plain answer every five seconds while there is no stream.
  // A bundle has no stock of its own: it needs so many of each of its parts.
  const cells = [...document.querySelectorAll('[data-needs]')].map((place) => (
    { place, needs: Object.entries(JSON.parse(place.dataset.needs)) }
  ));
  const skus = [...new Set(cells.flatMap((cell) => cell.needs.map(([sku]) => sku)))].slice(0, 50);
  const known = new Map();
  const heard = new Set();
  const draw = (place, units) => {
    const level = units > 10 ? 'plenty' : units > 0 ? 'few' : 'none';
    const text = units > 10 ? `现货 ${units} 件` : units > 0 ? `仅剩 ${units} 件` : '暂时缺货';
    if (place.textContent !== text && place.dataset.level) {
      place.classList.remove('flash');
      void place.offsetWidth;
      place.classList.add('flash');
    }
    place.textContent = text;
    place.dataset.level = level;
    place.dataset.units = units;
    const buy = $('buy');
    if (buy && buy.dataset.for === place.dataset.sku) {
      buy.disabled = units < 1;
      buy.textContent = units < 1 ? '暂时缺货' : '立即下单';
    }
  };
  const show = (sku, units) => {
    known.set(sku, units);
    for (const { place, needs } of cells) {
      if (!needs.some(([code]) => code === sku) || !needs.every(([code]) => known.has(code))) continue;
      draw(place, Math.min(...needs.map(([code, quantity]) => Math.floor(known.get(code) / quantity))));
    }
  };
  const query = skus.map(encodeURIComponent).join(',');
  const poll = async () => {
    try {
      const answer = await fetch(`${hub}/api/public/stock?sku=${query}`);
      if (!answer.ok) return;
      for (const one of (await answer.json()).items) {
        if (!heard.has(one.sku)) show(one.sku, one.sellable);
      }
    } catch { /* the next poll or the stream will tell */ }
  };
  if (hub && skus.length) {
    let timer = 0;
    const fallBack = () => { heard.clear(); if (!timer) timer = setInterval(poll, 5000); };
    poll();
    const connect = () => {
      const stream = new EventSource(`${hub}/api/public/stock/stream?sku=${query}`);
      stream.addEventListener('open', () => { clearInterval(timer); timer = 0; poll(); });
      stream.addEventListener('stock', (event) => {
        const told = JSON.parse(event.data);
        heard.add(told.sku);
        show(told.sku, told.sellable);
      });
      stream.addEventListener('reset', () => { heard.clear(); poll(); });
      stream.addEventListener('error', () => {
        fallBack();
        if (stream.readyState === EventSource.CLOSED) setTimeout(connect, 5000);
      });
    };
    connect();
  }

  const ask = async (path, body) => {
    const answer = await fetch(path, body === undefined ? {} : {
      method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body),
    });
    const told = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Error(told.error?.message || told.message || '网络开小差了，请再试一次');
    return told;
  };
  const trouble = (id, error) => { $(id).textContent = error.message; $(id).hidden = false; };
  for (const one of document.querySelectorAll('[data-close]')) {
    one.addEventListener('click', () => one.closest('dialog').close());
  }

  // Pressing "pay" on the buyer's phone, in the app that was chosen.
  const ways = {
    wechat_pay: { label: '微信支付', press: (id) => ask('/wechat-pay/buyer/pay', { prepay_id: id }) },
    alipay: { label: '支付宝', press: (id) => ask('/alipay/buyer/pay', { trade_no: id }) },
  };
  const pay = async (button) => {
    button.disabled = true;
    $('pay-problem').hidden = true;
    try {
      await ways[button.dataset.way].press(button.dataset.prepay);
      $('pay-ask').hidden = true;
      $('pay-done').hidden = false;
      await ask(button.dataset.order);
    } catch (error) { trouble('pay-problem', error); }
    button.disabled = false;
  };
  $('pay-now')?.addEventListener('click', (event) => pay(event.currentTarget));

  // Ordering on the product page.
  const form = $('order-form');
  if (form) {
    const price = Number(form.dataset.price);
    const sums = () => {
      const items = price * Number(form.quantity.value || 1);
      const freight = items >= Number(form.dataset.free) ? 0 : Number(form.dataset.freight);
      $('freight').textContent = freight ? `¥${yuan(freight)}` : '免运费';
      $('total').textContent = `¥${yuan(items + freight)}`;
    };
    $('buy').addEventListener('click', () => { $('order-problem').hidden = true; sums(); $('order-sheet').showModal(); });
    for (const one of form.querySelectorAll('[data-step]')) {
      one.addEventListener('click', () => {
        const wanted = Number(form.quantity.value || 1) + Number(one.dataset.step);
        form.quantity.value = Math.min(99, Math.max(1, wanted));
        sums();
      });
    }
    form.quantity.addEventListener('input', sums);
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      $('submit-order').disabled = true;
      const value = (name) => form[name].value.trim();
      try {
        const order = await ask('/shop/api/orders', {
          lines: [{ listing: form.dataset.listing, quantity: Number(form.quantity.value) }],
          receiver: Object.fromEntries(['name', 'phone', 'province', 'city', 'district', 'detail'].map((n) => [n, value(n)])),
          remark: value('remark'),
          pays_with: form.pays_with.value,
        });
        $('order-sheet').close();
        $('pay-amount').textContent = yuan(order.total_fen);
        $('pay-now').dataset.prepay = order.prepay_id || '';
        $('pay-now').dataset.way = order.pays_with;
        $('pay-now').className = `button ${order.pays_with}`;
        $('pay-way').textContent = ways[order.pays_with].label;
        $('pay-now').dataset.order = `/shop/api/orders/${order.number}`;
        $('view-order').href = $('pay-later').href = `/shop/o/${order.number}`;
        $('pay-number').textContent = order.number;
        $('pay-ask').hidden = false;
        $('pay-done').hidden = true;
        $('pay-sheet').showModal();
      } catch (error) { trouble('order-problem', error); }
      $('submit-order').disabled = false;
    });
  }

  // The order page keeps itself fresh and stops when nothing more can come.
  const order = $('order');
  if (order) {
    $('pay')?.addEventListener('click', (event) => { event.preventDefault(); $('pay-sheet').showModal(); });
    $('pay-sheet')?.addEventListener('close', () => refresh());
    const refresh = async () => {
      try {
        const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), 'text/html');
        const fresh = page.getElementById('order-body');
        if (fresh.innerHTML !== $('order-body').innerHTML) {
          $('order-body').replaceWith(fresh);
          $('pay')?.addEventListener('click', (event) => { event.preventDefault(); $('pay-sheet').showModal(); });
        }
        order.dataset.final = page.getElementById('order').dataset.final;
      } catch { /* try again in a moment */ }
    };
    const tick = async () => {
      if (!document.hidden && !$('pay-sheet')?.open) await refresh();
      if (order.dataset.final !== 'true') setTimeout(tick, 2000);
    };
    if (order.dataset.final !== 'true') setTimeout(tick, 1500);
  }
})();
